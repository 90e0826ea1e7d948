#include <algorithm>

#include "base/text.hpp"
#include "view/manual.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

using Sort = ManualPart::Sort;

constexpr std::size_t usual_width = 100;  // where there is no terminal that says

std::string indented(std::string_view text, std::size_t indent, const Style& style) {
  const std::size_t width =
      style.width > indent + 30 ? std::min<std::size_t>(style.width, usual_width) : usual_width;
  std::string lines;
  for (const auto& line : wrapped(text, width - indent)) lines += std::string(indent, ' ') + line + "\n";
  return lines;
}

std::string entry(const ManualPart& part, const Style& style) {
  const std::size_t indent = 2 + 4 * part.depth;
  return std::string(indent, ' ') + bold(part.label, style) +
         (part.type.empty() ? "" : "  " + dim(part.type, style)) + "\n" +
         indented(part.text, indent + 4, style);
}

std::string example(const std::string& lines) {
  std::string text;
  for (const auto line : split_lines(lines)) text += (line.empty() ? "" : "    ") + std::string(line) + "\n";
  return text + "\n";
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string part_text(const ManualPart& part, const Style& style) {
  switch (part.sort) {
    case Sort::section:
      return "\n" + bold(upper(part.text), style) + "\n";
    case Sort::subsection:
      return "\n" + bold(part.text, style) + "\n";
    case Sort::paragraph:
      return indented(part.text, 2, style) + "\n";
    case Sort::entry:
      return entry(part, style);
    case Sort::example:
      return example(part.text);
  }
  return {};
}

}  // namespace

std::string manual_text(const ManualPage& page, const Style& style) {
  std::string text = bold(page.name, style) + ": " + page.summary + "\n\n";
  const ManualPart* before = nullptr;
  for (const auto& part : page.parts) {
    const bool list_ends = before != nullptr && before->sort == Sort::entry && part.sort != Sort::entry;
    text += (list_ends ? "\n" : "") + part_text(part, style);
    before = &part;
  }
  while (text.find("\n\n\n") != std::string::npos) text = replace_all(text, "\n\n\n", "\n\n");
  return text.substr(0, text.find_last_not_of('\n') + 1) + "\n";
}

}  // namespace mlenv
