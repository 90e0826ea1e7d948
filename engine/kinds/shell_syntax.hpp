#pragma once

#include <string>
#include <vector>

namespace mlenv {

/// The languages in which a variable has to be written so that every program of the user sees it.
enum class ShellSyntax { posix, fish, environment_d };

/// A variable, or directories to put before or behind those it holds.
struct Assignment {
  enum class How { value, prepend, append };
  std::string name;
  How how = How::value;
  std::vector<std::string> values;  ///< one for How::value
  bool operator==(const Assignment&) const = default;
};

/// The lines that make the assignment, so that the value arrives exactly as written, a directory is never
/// doubled and nothing that was there is lost. Empty where the language cannot say it (line breaks in
/// environment.d(5)).
std::string assignment_text(const Assignment& assignment, ShellSyntax syntax);

}  // namespace mlenv
