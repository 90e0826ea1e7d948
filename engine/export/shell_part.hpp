#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/command.hpp"
#include "resource/assignment.hpp"

namespace mlenv {

/// A command of a POSIX shell, laid out over lines: a backslash goes between them. No line holds a line break
/// or a byte that a text file cannot show.
struct Statement {
  std::vector<std::string> lines;
  bool operator==(const Statement&) const = default;
};

/// What one step of a plan comes to, in every format.
struct ShellPart {
  std::string title;  ///< the addresses that it is for
  Privilege privilege = Privilege::user;
  std::vector<Statement> statements = {};
  std::vector<Assignment> variables = {};  ///< that it sets for the user's shells
};

/// The statement over its lines, each further one with this indentation.
std::string laid_out(const Statement& statement, const std::string& indentation);

/// Whether a line arrives as it is in every format: YAML takes U+2028 and its like for line breaks.
bool is_plain_line(std::string_view text);
/// One word between single quotes, whatever is in it.
std::string quoted_word(std::string_view text);
/// The words of a command, as many on a line as fit.
Statement command_statement(const std::vector<std::string>& words, const std::string& variables = {});

/// A file becomes these bytes, or gets them at its end: as the lines of its text, else in base64.
enum class Put { over, behind };
std::vector<Statement> file_statements(const std::string& path, std::string_view bytes, Put put = Put::over);

}  // namespace mlenv
