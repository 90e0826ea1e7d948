#include "forecast/bringers.hpp"

#include <deque>
#include <utility>

namespace mlenv {

Bringers::Bringers(std::vector<BroughtPackage> packages)
    : packages_(std::move(packages)), owners_(packages_.size()) {
  for (std::size_t i = 0; i < packages_.size(); ++i) {
    for (const auto& name : packages_[i].names) places_[name].push_back(i);
  }
}

void Bringers::claim(std::size_t resource, const std::string& name) {
  const auto found = places_.find(name);
  if (found == places_.end()) return;
  for (const auto place : found->second) {
    if (owners_[place]) continue;
    owners_[place] = resource;
    claimed_.push_back(place);
  }
}

void Bringers::spread() {
  for (const auto first : std::exchange(claimed_, {})) {
    std::deque<std::size_t> open = {first};
    for (; !open.empty(); open.pop_front()) {
      for (const auto& name : packages_[open.front()].brings) {
        const auto found = places_.find(name);
        if (found == places_.end()) continue;
        for (const auto place : found->second) {
          if (owners_[place]) continue;
          owners_[place] = owners_[first];
          open.push_back(place);
        }
      }
    }
  }
}

void settle_version(Decision& decision, const std::string& version) {
  for (auto& difference : decision.differences) {
    if (difference.attribute == "version" && difference.after && !version.empty()) difference.after = version;
  }
}

}  // namespace mlenv
