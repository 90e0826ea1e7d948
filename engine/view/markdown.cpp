#include "view/markdown.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

/// The longest run of backticks in a text.
std::size_t longest_ticks(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::string html_safe(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string safe;
  for (const char c : html_safe(visible(text))) {
    // A mention (`@name`) would call somebody.
    if (std::string_view("\\`*_[]|~#!@").find(c) != std::string_view::npos) safe += '\\';
    safe += c;
  }
  return safe;
}

std::string markdown_code(std::string_view text) {
  const auto shown = visible(text);
  const std::string ticks(longest_ticks(shown) + 1, '`');
  const std::string space = shown.starts_with("`") || shown.ends_with("`") ? " " : "";
  return ticks + space + replace_all(shown, "|", "\\|") + space + ticks;
}

std::string markdown_block(std::string_view text, std::string_view language) {
  const std::string fence(std::max<std::size_t>(3, longest_ticks(text) + 1), '`');
  return fence + std::string(language) + "\n" + std::string(text) + (text.ends_with("\n") ? "" : "\n") +
         fence + "\n";
}

std::string markdown_table(const std::vector<std::string>& headings, const std::vector<bool>& right,
                           const std::vector<std::vector<std::string>>& rows) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const auto& cell : cells) text += " " + cell + " |";
    return text + "\n";
  };
  std::string rule = "|";
  for (const bool to_right : right) rule += to_right ? "--:|" : "---|";
  std::string text = line(headings) + rule + "\n";
  for (const auto& row : rows) text += line(row);
  return text;
}

std::string markdown_details(const std::string& summary, const std::string& body) {
  return "<details><summary>" + summary + "</summary>\n\n" + body + "\n</details>\n";
}

}  // namespace mlenv
