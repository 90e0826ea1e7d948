#pragma once

#include <string>
#include <vector>

namespace mlenv {

/// A variable, or directories to put before or behind those it holds.
struct Assignment {
  enum class How { value, prepend, append };
  std::string name;
  How how = How::value;
  std::vector<std::string> values;  ///< one for How::value
  bool operator==(const Assignment&) const = default;
};

}  // namespace mlenv
