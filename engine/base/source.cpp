#include "base/source.hpp"

#include <algorithm>

namespace mlenv {
namespace {

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::size_t line_begin(std::string_view text, std::size_t offset) {
  if (offset == 0) return 0;
  const auto newline = text.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

}  // namespace

Position Span::position() const {
  if (!source) return {};
  const std::string_view text = source->text;
  const auto offset = std::min(begin, text.size());
  const auto first = line_begin(text, offset);
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first), '\n');
  const auto before = text.substr(first, offset - first);
  const auto characters = std::count_if(before.begin(), before.end(), starts_character);
  return {static_cast<std::size_t>(lines) + 1, static_cast<std::size_t>(characters) + 1};
}

std::string_view Span::line_text() const {
  if (!source) return {};
  const std::string_view text = source->text;
  const auto first = line_begin(text, std::min(begin, text.size()));
  auto line = text.substr(first, text.find('\n', first) - first);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace mlenv
