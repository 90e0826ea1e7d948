#include "kinds/shell_syntax.hpp"

#include <optional>

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "kinds/shell_reading.hpp"

namespace mlenv::fuzz {
namespace {

/// A word of single quotes and backslashes as a shell reads it; `escapes` are what a backslash stands before
/// within quotes.
std::string word_at(std::string_view text, std::string_view escapes) {
  std::string word;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() &&
                        (!quoted || escapes.find(text[i + 1]) != std::string_view::npos);
    if (escape) {
      word += text[++i];
    } else if (text[i] == '\'') {
      quoted = !quoted;
    } else if (quoted) {
      word += text[i];
    } else {
      break;
    }
  }
  return word;
}

std::string behind(std::string_view text, std::string_view begin) {
  const auto at = text.find(begin);
  hold(at != std::string_view::npos, "an assignment has its beginning");
  return std::string(text.substr(at + begin.size()));
}

/// environment.d(5): what stands between double quotes, with its variables.
std::optional<std::string> environment_value(std::string_view text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1 == text.size() ? std::optional(value) : std::nullopt;
    if (text[i] == '\\' && i + 1 < text.size()) {
      value += text[++i];
    } else if (text[i] == '$') {
      if (i + 1 == text.size() || text[++i] != '$') return std::nullopt;
      value += '$';
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

}  // namespace

/// Any value reaches the shell as it was written.
void shell_syntax(std::string_view input) {
  const std::string value(input.substr(0, input.find('\0')));
  const Assignment assignment{"NAME", Assignment::How::value, {value}};
  hold(word_at(behind(assignment_text(assignment, ShellSyntax::posix), "export NAME="), "") == value,
       "a POSIX shell reads the value as it is");
  hold(word_at(behind(assignment_text(assignment, ShellSyntax::fish), "set -gx NAME "), "\\'") == value,
       "fish reads the value as it is");
  const auto environment = assignment_text(assignment, ShellSyntax::environment_d);
  if (value.find('\n') == std::string::npos)
    hold(environment_value(behind(environment, "NAME=\"")) == value, "systemd reads the value as it is");
  for (const auto how : {Assignment::How::prepend, Assignment::How::append}) {
    const Assignment list{"NAME", how, {value, "/x"}};
    for (const auto syntax : {ShellSyntax::posix, ShellSyntax::fish, ShellSyntax::environment_d})
      assignment_text(list, syntax);
  }
  const auto text = assignment_text({"NAME", Assignment::How::append, {value}}, ShellSyntax::posix);
  hold(word_at(behind(text, " in *:"), "") == value, "a POSIX shell looks for the value as it is");
  if (split_lines(value).size() == 1 && value.find('\n') == std::string::npos) {
    const auto read = read_shell_line(assignment_text(assignment, ShellSyntax::posix), {"/home/u"});
    hold(read && read->exported && read->assignment == assignment, "a line is read as it was written");
  }
  read_shell_lines(input, "/home/u");
}

}  // namespace mlenv::fuzz
