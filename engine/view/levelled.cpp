#include "view/levelled.hpp"

#include <cmath>
#include <cstddef>

namespace mlenv {
namespace {

/// Neighbours that stand as close as they may, and where the first of them is best.
struct Block {
  double sum = 0;
  double weight = 0;
  std::size_t count = 0;
  double place() const { return sum / weight; }
};

}  // namespace

std::vector<double> levelled_places(const std::vector<double>& wishes, const std::vector<double>& distances,
                                    const std::vector<double>& weights) {
  // Less the distances, the places only have to rise: the pool-adjacent-violators algorithm.
  std::vector<double> offsets;
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    offsets.push_back((i == 0 ? 0 : offsets.back()) + distances[i]);
    blocks.push_back({(wishes[i] - offsets[i]) * weights[i], weights[i], 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].place() > blocks.back().place()) {
      const auto last = blocks.back();
      blocks.pop_back();
      blocks.back().sum += last.sum;
      blocks.back().weight += last.weight;
      blocks.back().count += last.count;
    }
  }
  std::vector<double> places;
  for (const auto& block : blocks) {
    // Whole numbers, so that distances survive rounding.
    for (std::size_t i = 0; i < block.count; ++i)
      places.push_back(std::round(block.place()) + offsets[places.size()]);
  }
  return places;
}

}  // namespace mlenv
