#include "view/html_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/text.hpp"
#include "view/plan_lines.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char each : text) {
    switch (each) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += each;
    }
  }
  return safe;
}

std::string tag_begin(std::string_view tag, std::string_view classes) {
  std::string begin = "<" + std::string(tag);
  if (!classes.empty()) begin += " class=\"" + std::string(classes) + "\"";
  return begin + ">";
}

/// The bytes that hexadecimal digits stand for, in base 64.
std::string base64_of_hex(std::string_view digits) {
  constexpr std::string_view symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::string_view hex = "0123456789abcdef";
  std::string bits;
  for (const char digit : digits) {
    const auto value = hex.find(digit);
    for (const unsigned bit : {8U, 4U, 2U, 1U}) bits += (value & bit) != 0 ? '1' : '0';
  }
  std::string text;
  for (std::size_t begin = 0; begin < bits.size(); begin += 6) {
    auto six = bits.substr(begin, 6);
    six.resize(6, '0');
    std::size_t value = 0;
    for (const char bit : six) value = value * 2 + (bit == '1' ? 1 : 0);
    text += symbols[value];
  }
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace

std::string html(std::string_view text) { return escaped(visible(text)); }

std::string html_line(std::string_view line) {
  const auto masked = mask_credentials(line);
  std::string shown;
  for (const auto& glyph : glyphs(masked)) shown += glyph.shown;
  return escaped(shown);
}

std::string html_block(std::string_view text) {
  std::string block;
  for (const auto line : split(text, '\n')) block += (block.empty() ? "" : "\n") + html_line(line);
  return block;
}

std::string prose(std::string_view text) {
  auto safe = html(text);
  const auto parts = split(safe, '`');
  if (parts.size() % 2 == 0) return safe;  // a backtick without its other
  std::string words;
  for (std::size_t i = 0; i < parts.size(); ++i)
    words += i % 2 == 0 ? std::string(parts[i]) : element("code", "", parts[i]);
  return words;
}

std::string html_at(const Json& object, const char* key) { return escaped(text_at(object, key)); }

std::string element(std::string_view tag, std::string_view classes, std::string_view inside) {
  return tag_begin(tag, classes).append(inside) + "</" + std::string(tag) + ">";
}

std::string folded(std::string_view classes, std::string_view summary, std::string_view inside, bool open) {
  auto begin = tag_begin("details", classes);
  if (open) begin.insert(begin.size() - 1, " open");
  return begin + element("summary", "", summary).append(inside) + "</details>\n";
}

std::string moment_words(const std::string& text) {
  constexpr std::size_t date = 10, time = 8;
  const bool known = text.size() > date + time && text[date] == 'T' && text.back() == 'Z';
  return known ? text.substr(0, date) + " " + text.substr(date + 1, time) + " UTC" : text;
}

std::string bytes_text(double bytes) {
  constexpr double most = 1e18;
  const auto size = size_text(static_cast<std::uint64_t>(std::min(std::abs(bytes), most)));
  return bytes < 0 ? "-" + size : size;
}

std::string policy_hash(std::string_view text) { return "sha256-" + base64_of_hex(sha256_hex(text)); }

}  // namespace mlenv
