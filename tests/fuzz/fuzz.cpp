#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

// The tables; a program holds one or both.
std::vector<Target> reader_targets();
std::vector<Target> planning_targets();

const std::vector<Target>& all_targets() {
  static const std::vector<Target> targets = [] {
    std::vector<Target> all;
#ifdef MLENV_FUZZ_READERS
    for (const auto& target : reader_targets()) all.push_back(target);
#endif
#ifdef MLENV_FUZZ_PLANNING
    for (const auto& target : planning_targets()) all.push_back(target);
#endif
    return all;
  }();
  return targets;
}

const Target* find_target(std::string_view name) {
  const auto& targets = all_targets();
  const auto found =
      std::find_if(targets.begin(), targets.end(), [&](const Target& each) { return each.name == name; });
  return found == targets.end() ? nullptr : &*found;
}

void hold(bool property, std::string_view what) {
  if (property) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::vector<std::string> parts(std::string_view input) {
  constexpr std::string_view border = "\n%%\n";
  std::vector<std::string> all;
  for (auto at = input.find(border); at != std::string_view::npos; at = input.find(border)) {
    all.emplace_back(input.substr(0, at));
    input.remove_prefix(at + border.size());
  }
  all.emplace_back(input);
  return all;
}

}  // namespace mlenv::fuzz
