#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace mlenv {

/// The last lines of a terminal, drawn again in place; what is printed stays above them. Lines must be
/// narrower than the terminal.
class LiveArea {
 public:
  explicit LiveArea(std::ostream& out) : out_(out) {}

  /// These lines instead of the ones before. Writes nothing when they are the same.
  void show(const std::vector<std::string>& lines);
  /// Whole lines that stay, in place of the live ones (show() draws those again).
  void print(const std::string& text);

 private:
  std::string home() const;

  std::ostream& out_;
  std::vector<std::string> shown_;
};

}  // namespace mlenv
