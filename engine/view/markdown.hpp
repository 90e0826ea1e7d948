#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// Text that Markdown shows as it stands, also in a cell of a table.
std::string markdown_text(std::string_view text);
/// As `code`, whatever is in it.
std::string markdown_code(std::string_view text);
/// A fenced block, marked as one of that language.
std::string markdown_block(std::string_view text, std::string_view language);
/// A table with these headings; `right` says which columns stand to the right.
std::string markdown_table(const std::vector<std::string>& headings, const std::vector<bool>& right,
                           const std::vector<std::vector<std::string>>& rows);
/// What is folded under a line. Both are Markdown already.
std::string markdown_details(const std::string& summary, const std::string& body);

}  // namespace mlenv
