#include "view/graph_layers.hpp"

#include <algorithm>

namespace mlenv {
namespace {

constexpr std::size_t most_bends = 20000;  // beyond, edges go straight: no picture is worth more
constexpr int sweeps = 12;

/// The places that routes need: one in each layer that they pass.
void add_route(Layers& layers, std::size_t from, std::size_t to, bool straight) {
  Route route{from, to, {}};
  auto last = from;
  for (auto layer = layers.slots[from].layer - 1; !straight && layer > layers.slots[to].layer; --layer) {
    const auto bend = layers.slots.size();
    layers.slots.push_back({layer, std::nullopt, {}, {last}});
    layers.slots[last].before.push_back(bend);
    route.bends.push_back(bend);
    last = bend;
  }
  const bool joined = layers.slots[last].layer == layers.slots[to].layer + 1;
  if (joined) {
    layers.slots[last].before.push_back(to);
    layers.slots[to].after.push_back(last);
  }
  layers.routes.push_back(std::move(route));
}

std::size_t bends_of(const Edges& needs, const std::vector<std::size_t>& numbers) {
  std::size_t sum = 0;
  for (std::size_t self = 0; self < needs.size(); ++self) {
    for (const auto need : needs[self]) sum += numbers[self] - numbers[need] - 1;
  }
  return sum;
}

std::vector<std::size_t> places(const Layers& layers) {
  std::vector<std::size_t> place(layers.slots.size());
  for (const auto& row : layers.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) place[row[i]] = i;
  }
  return place;
}

/// Where a slot's neighbours stand on average; where it stands itself when it has none.
double barycenter(const std::vector<std::size_t>& neighbours, const std::vector<std::size_t>& place,
                  std::size_t self) {
  if (neighbours.empty()) return static_cast<double>(place[self]);
  double sum = 0;
  for (const auto each : neighbours) sum += static_cast<double>(place[each]);
  return sum / static_cast<double>(neighbours.size());
}

void sort_row(Layers& layers, std::size_t row, bool forward, std::vector<std::size_t>& place) {
  auto& slots = layers.rows[row];
  std::vector<std::pair<double, std::size_t>> wanted;
  for (const auto slot : slots) {
    const auto& each = layers.slots[slot];
    wanted.emplace_back(barycenter(forward ? each.before : each.after, place, slot), slot);
  }
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = wanted[i].second;
    place[slots[i]] = i;
  }
}

/// Sorts layer by layer, there and back, and keeps the best order seen.
void uncross(Layers& layers) {
  auto best = layers.rows;
  auto fewest = crossings(layers);
  auto place = places(layers);
  const auto count = layers.rows.size();
  for (int sweep = 0; sweep < sweeps && fewest > 0; ++sweep) {
    const bool forward = sweep % 2 == 0;
    for (std::size_t i = 1; i < count; ++i) sort_row(layers, forward ? i : count - 1 - i, forward, place);
    const auto now = crossings(layers);
    if (now >= fewest) continue;
    fewest = now;
    best = layers.rows;
  }
  layers.rows = std::move(best);
}

/// Counts, for ends taken in the order of their beginnings, the pairs that are the wrong way round.
class Inversions {
 public:
  explicit Inversions(std::size_t places) : seen_(places + 1, 0) {}

  /// How many of those added before lie beyond this one.
  std::size_t add(std::size_t place) {
    std::size_t up_to = 0;
    for (auto i = place + 1; i > 0; i -= i & (~i + 1)) up_to += seen_[i];
    for (auto i = place + 1; i < seen_.size(); i += i & (~i + 1)) ++seen_[i];
    return count_++ - up_to;
  }

 private:
  std::vector<std::size_t> seen_;  ///< a Fenwick tree
  std::size_t count_ = 0;
};

}  // namespace

std::vector<std::size_t> layer_numbers(const Edges& needs) {
  const auto order = needs_first(needs);
  const auto needed_by = reversed_edges(needs);
  std::vector<std::size_t> layer(needs.size(), 0);
  for (const auto self : order) {
    for (const auto need : needs[self]) layer[self] = std::max(layer[self], layer[need] + 1);
  }
  for (auto self = order.rbegin(); self != order.rend(); ++self) {
    if (needed_by[*self].size() <= needs[*self].size()) continue;
    auto nearest = layer[needed_by[*self].front()];
    for (const auto each : needed_by[*self]) nearest = std::min(nearest, layer[each]);
    layer[*self] = nearest - 1;
  }
  return layer;
}

Layers in_layers(const Edges& needs) {
  const auto numbers = layer_numbers(needs);
  Layers layers;
  for (std::size_t node = 0; node < needs.size(); ++node)
    layers.slots.push_back({numbers[node], node, {}, {}});
  const bool straight = bends_of(needs, numbers) > most_bends;
  for (std::size_t self = 0; self < needs.size(); ++self) {
    for (const auto need : needs[self]) add_route(layers, self, need, straight);
  }
  for (std::size_t slot = 0; slot < layers.slots.size(); ++slot) {
    const auto layer = layers.slots[slot].layer;
    if (layers.rows.size() <= layer) layers.rows.resize(layer + 1);
    layers.rows[layer].push_back(slot);
  }
  uncross(layers);
  return layers;
}

std::size_t crossings(const Layers& layers) {
  const auto place = places(layers);
  std::size_t sum = 0;
  for (std::size_t row = 1; row < layers.rows.size(); ++row) {
    Inversions inversions(layers.rows[row - 1].size());
    for (const auto slot : layers.rows[row]) {
      std::vector<std::size_t> ends;
      for (const auto each : layers.slots[slot].before) ends.push_back(place[each]);
      std::sort(ends.begin(), ends.end());  // edges that begin together do not cross
      for (const auto end : ends) sum += inversions.add(end);
    }
  }
  return sum;
}

}  // namespace mlenv
