#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlenv::fuzz {

/// A reader of foreign bytes, and what must hold whatever it is given.
struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

/// All targets of this program: the tables in readers/targets.cpp and planning/targets.cpp.
const std::vector<Target>& all_targets();
/// By name, or null.
const Target* find_target(std::string_view name);

/// Ends the process where a property does not hold: a crash, for a fuzzer as for a replay.
void hold(bool property, std::string_view what);

/// The parts of an input, which lines `%%` separate.
std::vector<std::string> parts(std::string_view input);

}  // namespace mlenv::fuzz
