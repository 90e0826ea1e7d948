#include "export/shell_part.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

// A builder hands one RUN to the shell as one argument, which Linux keeps below 128 KiB.
constexpr std::size_t largest_statement = 48000;
constexpr std::size_t longest_line = 4000;

/// What YAML takes for a line break or refuses: C1 controls, U+2028, U+2029 and the byte order mark.
bool is_odd(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    if ((byte(i) < 0x20 && text[i] != '\n' && text[i] != '\t') || byte(i) == 0x7F) return true;
    if (byte(i) == 0xC2 && byte(i + 1) < 0xA0) return true;
    if (byte(i) == 0xE2 && byte(i + 1) == 0x80 && (byte(i + 2) == 0xA8 || byte(i + 2) == 0xA9)) return true;
    if (byte(i) == 0xEF && byte(i + 1) == 0xBB && byte(i + 2) == 0xBF) return true;
  }
  return false;
}

bool is_readable(std::string_view bytes) {
  if (first_bad_utf8(bytes) || is_odd(bytes)) return false;
  const auto lines = split(bytes, '\n');
  return std::all_of(lines.begin(), lines.end(),
                     [](std::string_view line) { return line.size() <= longest_line; });
}

/// `> FILE` for what comes first, `>> FILE` for what goes behind.
class Target {
 public:
  Target(const std::string& path, Put put) : path_(shell_word(path)), behind_(put == Put::behind) {}
  std::string next() {
    const std::string sign = behind_ ? ">> " : "> ";
    behind_ = true;
    return sign + path_;
  }

 private:
  std::string path_;
  bool behind_;
};

std::vector<Statement> base64_statements(std::string_view bytes, Target target) {
  constexpr std::size_t piece = 36000;  // of bytes: a multiple of three has no padding
  constexpr std::size_t width = 100;
  std::vector<Statement> all;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    Statement statement{{"printf %s"}};
    const auto text = to_base64(bytes.substr(at, piece));
    for (std::size_t begin = 0; begin < text.size(); begin += width)
      statement.lines.push_back(text.substr(begin, width));
    statement.lines.push_back("| base64 -d " + target.next());
    all.push_back(std::move(statement));
  }
  return all;
}

/// A last line without an end is not given one.
std::vector<Statement> text_statements(std::string_view bytes, Target target) {
  std::vector<Statement> all;
  Statement statement{{"printf '%s\\n'"}};
  std::size_t size = 0;
  const auto finish = [&] {
    if (statement.lines.size() < 2) return;
    statement.lines.push_back(target.next());
    all.push_back(std::exchange(statement, Statement{{"printf '%s\\n'"}}));
    size = 0;
  };
  auto lines = split(bytes, '\n');
  const auto rest = lines.back();
  lines.pop_back();
  for (const auto line : lines) {
    statement.lines.push_back(quoted_word(line));
    size += statement.lines.back().size() + 8;
    if (size > largest_statement) finish();
  }
  finish();
  if (!rest.empty()) all.push_back({{"printf %s " + quoted_word(rest) + " " + target.next()}});
  return all;
}

}  // namespace

bool is_plain_line(std::string_view text) {
  return text.find('\n') == std::string_view::npos && !first_bad_utf8(text) && !is_odd(text);
}

std::string laid_out(const Statement& statement, const std::string& indentation) {
  return join(statement.lines, " \\\n" + indentation);
}

std::string quoted_word(std::string_view text) {
  return "'" + replace_all(std::string(text), "'", "'\\''") + "'";
}

Statement command_statement(const std::vector<std::string>& words, const std::string& variables) {
  constexpr std::size_t width = 100;
  Statement statement{{variables}};
  for (const auto& word : words) {
    const auto text = shell_word(word);
    auto& line = statement.lines.back();
    if (!line.empty() && !line.ends_with(" -o") && line.size() + text.size() > width) {
      statement.lines.push_back(text);
    } else {
      line += (line.empty() ? "" : " ") + text;
    }
  }
  return statement;
}

std::vector<Statement> file_statements(const std::string& path, std::string_view bytes, Put put) {
  const Target target(path, put);
  if (bytes.empty()) return {{{": " + Target(target).next()}}};
  return is_readable(bytes) ? text_statements(bytes, target) : base64_statements(bytes, target);
}

}  // namespace mlenv
