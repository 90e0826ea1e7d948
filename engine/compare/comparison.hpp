#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compare/portrait.hpp"

namespace mlenv {

/// What two hosts have of one thing.
struct Contrast {
  std::string section;
  std::string name;
  Fact<std::string> left;
  Fact<std::string> right;
  bool gpu = false;
};

/// How two hosts differ, in the order of what decides first: driver, cards, CUDA, system, Python, venvs,
/// variables, kernels, files, apt.
struct Comparison {
  std::vector<Contrast> different;
  std::vector<Contrast> untold;  ///< known of one side alone
  std::size_t equal = 0;
};

Comparison compare(const Portrait& left, const Portrait& right);

}  // namespace mlenv
