#include "script/shell_text.hpp"

#include <algorithm>
#include <vector>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::string_view end_word = "END_OF_FILE";

bool is_plain_text(const std::string& bytes) {
  const auto odd = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
  };
  if (!bytes.empty() && bytes.back() != '\n') return false;
  if (std::any_of(bytes.begin(), bytes.end(), odd) || first_bad_utf8(bytes)) return false;
  const auto lines = split_lines(bytes);
  return std::find(lines.begin(), lines.end(), end_word) == lines.end();
}

std::string base64_lines(const std::string& bytes) {
  const auto text = to_base64(bytes);
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += 76) lines += text.substr(at, 76) + "\n";
  return lines;
}

}  // namespace

std::string shell_comment(std::string_view text) {
  std::string line = "# " + std::string(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      '?');
  return line + "\n";
}

std::string fed(const std::string& command, const std::string& bytes) {
  const std::string here = " <<'" + std::string(end_word) + "'", end = std::string(end_word) + "\n";
  if (is_plain_text(bytes)) return command + here + "\n" + bytes + end;
  return "base64 -d" + here + " | " + command + "\n" + base64_lines(bytes) + end;
}

}  // namespace mlenv
