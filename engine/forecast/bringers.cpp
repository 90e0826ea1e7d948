#include "forecast/bringers.hpp"

#include <deque>

namespace mlenv {

Bringers::Bringers(std::vector<BroughtPackage> packages)
    : packages_(std::move(packages)), owners_(packages_.size()) {
  for (std::size_t i = 0; i < packages_.size(); ++i) {
    for (const auto& name : packages_[i].names) places_[name].push_back(i);
  }
}

void Bringers::claim(std::size_t resource, const std::string& first) {
  std::deque<std::string> open = {first};
  for (; !open.empty(); open.pop_front()) {
    const auto found = places_.find(open.front());
    if (found == places_.end()) continue;
    for (const auto place : found->second) {
      if (owners_[place]) continue;
      owners_[place] = resource;
      open.insert(open.end(), packages_[place].brings.begin(), packages_[place].brings.end());
    }
  }
}

}  // namespace mlenv
