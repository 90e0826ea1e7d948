#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kinds/shell_syntax.hpp"

namespace mlenv {

/// What lines of a start-up file mean is said with the target user's home and the variables set before.
struct ShellWords {
  std::string home;
  std::map<std::string, std::string> variables = {};
};

/// The assignment that a line of a POSIX shell makes, as far as it can be told without a shell: a value, or
/// folders put before or behind what a list holds (`PATH=/x:$PATH`, `${PATH:+:$PATH}`, mlenvctl's own lines).
/// Quotes are taken off; `~`, `$HOME` and variables that are known are expanded. Nothing for all else, for
/// lines that are indented (they may not run), and for several assignments on one line.
struct ShellLine {
  Assignment assignment;
  bool exported = false;
  bool operator==(const ShellLine&) const = default;
};
std::optional<ShellLine> read_shell_line(std::string_view line, const ShellWords& words);

/// An assignment with its place in a file, counted from one.
struct PlacedLine {
  ShellLine line;
  std::size_t number = 0;
  bool operator==(const PlacedLine&) const = default;
};
/// All that can be told of a file's lines, in their order; a variable set above is known below.
std::vector<PlacedLine> read_shell_lines(std::string_view text, const std::string& home);

}  // namespace mlenv
