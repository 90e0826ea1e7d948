#include "view/screen_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t tab_stop = 4;

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Marks that stand on the character before them.
constexpr std::array<Range, 6> combining = {{{0x0300, 0x036F},
                                             {0x1AB0, 0x1AFF},
                                             {0x1DC0, 0x1DFF},
                                             {0x200C, 0x200D},
                                             {0x20D0, 0x20FF},
                                             {0xFE00, 0xFE0F}}};
/// East Asian wide characters and pictographs.
constexpr std::array<Range, 9> wide = {{{0x1100, 0x115F},
                                        {0x2E80, 0x303E},
                                        {0x3041, 0xA4CF},
                                        {0xAC00, 0xD7A3},
                                        {0xF900, 0xFAFF},
                                        {0xFE30, 0xFE6F},
                                        {0xFF00, 0xFF60},
                                        {0x1F300, 0x1FAFF},
                                        {0x20000, 0x3FFFD}}};
/// Controls, and the marks that turn the direction of text or break lines: they make a screen show other text
/// than is there.
constexpr std::array<Range, 8> moving = {{{0x00, 0x1F},
                                          {0x7F, 0x9F},
                                          {0x061C, 0x061C},
                                          {0x200E, 0x200F},
                                          {0x2028, 0x202E},
                                          {0x2060, 0x2069},
                                          {0xFEFF, 0xFEFF},
                                          {0xFFF9, 0xFFFB}}};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, std::uint32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](Range r) { return code >= r.first && code <= r.last; });
}

std::string hex(std::uint32_t code, std::size_t digits) {
  constexpr std::string_view symbols = "0123456789abcdef";
  std::string text;
  for (; code != 0 || text.size() < digits; code >>= 4U) text.insert(text.begin(), symbols[code & 0xFU]);
  return text;
}

/// The bytes of the character at the front of a text; zero when they are no UTF-8.
std::size_t length_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  return length <= text.size() && !first_bad_utf8(text.substr(0, length)) ? length : 0;
}

std::uint32_t code_of(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  std::uint32_t code = bytes.size() == 1 ? first : first & (0x7FU >> bytes.size());
  for (const char byte : bytes.substr(1)) code = (code << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  return code;
}

std::string spelled_out(std::uint32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  return code < 0x80 ? "\\x" + hex(code, 2) : "\\u{" + hex(code, 4) + "}";
}

/// Printable ASCII: each byte is a character that shows itself in one column. Nearly all text is.
bool is_plain(char c) { return c >= ' ' && c <= '~'; }
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_plain(c); });
}

Glyph glyph_at(std::string_view text, std::size_t offset, std::size_t& length) {
  if (is_plain(text[offset])) {
    length = 1;
    return {offset, std::string(1, text[offset]), 1};
  }
  length = length_of(text.substr(offset));
  if (length == 0) {
    length = 1;
    return {offset, "\\x" + hex(static_cast<unsigned char>(text[offset]), 2), 4};
  }
  const auto bytes = text.substr(offset, length);
  const auto code = code_of(bytes);
  if (is_in(moving, code)) {
    auto shown = spelled_out(code);
    const auto size = shown.size();
    return {offset, std::move(shown), size};
  }
  const std::size_t taken = is_in(combining, code) ? 0 : is_in(wide, code) ? 2 : 1;
  return {offset, std::string(bytes), taken};
}

}  // namespace

std::vector<Glyph> glyphs(std::string_view text) {
  std::vector<Glyph> all;
  std::size_t column = 0;
  for (std::size_t offset = 0, length = 0; offset < text.size(); offset += length) {
    if (text[offset] == '\t') {
      const auto spaces = tab_stop - column % tab_stop;
      all.push_back({offset, std::string(spaces, ' '), spaces});
      length = 1;
    } else {
      all.push_back(glyph_at(text, offset, length));
    }
    column += all.back().columns;
  }
  return all;
}

std::string visible(std::string_view text) {
  auto masked = mask_credentials(text);
  if (is_plain(masked)) return masked;
  std::string shown;
  for (std::size_t offset = 0, length = 0; offset < masked.size(); offset += length) {
    shown += glyph_at(masked, offset, length).shown;
  }
  return shown;
}

std::size_t columns(std::string_view text) {
  if (is_plain(text)) return text.size();
  std::size_t sum = 0;
  for (std::size_t offset = 0, length = 0; offset < text.size(); offset += length) {
    sum += glyph_at(text, offset, length).columns;
  }
  return sum;
}

std::string cut(const std::string& text, std::size_t width) {
  if (width == 0 || columns(text) <= width) return text;
  if (is_plain(text)) return text.substr(0, width - 1) + "…";
  std::string kept;
  std::size_t used = 1;  // the ellipsis
  for (std::size_t offset = 0, length = 0; offset < text.size(); offset += length) {
    auto glyph = glyph_at(text, offset, length);
    if (used + glyph.columns > width) break;
    used += glyph.columns;
    kept += glyph.shown;
  }
  return kept + "…";
}

std::string padded(std::string text, std::size_t width) {
  const auto taken = columns(text);
  if (taken < width) text.append(width - taken, ' ');
  return text;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::size_t used = 0;
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    const auto taken = columns(word);
    if (lines.empty() || (width != 0 && used + 1 + taken > width)) {
      lines.emplace_back(word);
      used = taken;
    } else {
      lines.back().append(" ").append(word);
      used += 1 + taken;
    }
  }
  return lines;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 < row.size() ? padded(row[i], widths[i] + 2) : row[i];
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace mlenv
