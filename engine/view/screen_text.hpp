#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// One character of a text as a screen shows it: what would move the cursor or hide text is spelled out
/// (`\x1b`).
struct Glyph {
  std::size_t offset = 0;  ///< of its first byte in the text
  std::string shown;
  std::size_t columns = 1;
};

/// The text character by character. Tabs become spaces up to the next stop of four.
std::vector<Glyph> glyphs(std::string_view text);

/// The text on one line, safe to print: credentials in URLs masked, control characters and bytes that are no
/// UTF-8 spelled out, line breaks as `\n`.
std::string visible(std::string_view text);

/// How many columns a text without control characters takes.
std::size_t columns(std::string_view text);
/// The text in at most `width` columns, with `…` where something is left out.
std::string cut(const std::string& text, std::size_t width);
/// The text with spaces after it up to `width` columns.
std::string padded(std::string text, std::size_t width);
/// The text's words in lines of at most `width` columns; a longer word has a line of its own. 0: no limit.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// Rows of cells as lines, each column as wide as its widest cell, two spaces between them, `indent` before.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent = 0);

}  // namespace mlenv
