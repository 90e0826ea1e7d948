#include "base/text.hpp"
#include "view/manual.hpp"

namespace mlenv {
namespace {

using Sort = ManualPart::Sort;

/// Words with `code` as it is; elsewhere nothing is markup.
std::string prose(std::string_view text) {
  std::string out;
  bool code = false;
  for (const auto piece : split(text, '`')) {
    std::string words(piece);
    if (!code) {
      for (const char* special : {"*", "[", "<"})
        words = replace_all(words, special, std::string("\\") + special);
    }
    out += code ? "`" + words + "`" : words;
    code = !code;
  }
  return out;
}

std::string entry(const ManualPart& part) {
  const std::string type = part.type.empty() ? "" : " *" + prose(part.type) + "*";
  return std::string(2 * part.depth, ' ') + "- `" + part.label + "`" + type + ": " + prose(part.text) + "\n";
}

std::string part_text(const ManualPart& part) {
  switch (part.sort) {
    case Sort::section:
      return "\n## " + prose(part.text) + "\n\n";
    case Sort::subsection:
      return "\n### " + prose(part.text) + "\n\n";
    case Sort::paragraph:
      return prose(part.text) + "\n\n";
    case Sort::entry:
      return entry(part);
    case Sort::example:
      return "```yaml\n" + part.text + "```\n\n";
  }
  return {};
}

}  // namespace

std::string manual_markdown(const ManualPage& page) {
  std::string text = "# " + page.name + ": " + prose(page.summary) + "\n\n";
  const ManualPart* before = nullptr;
  for (const auto& part : page.parts) {
    const bool list_ends = before != nullptr && before->sort == Sort::entry && part.sort != Sort::entry;
    text += (list_ends ? "\n" : "") + part_text(part);
    before = &part;
  }
  while (text.find("\n\n\n") != std::string::npos) text = replace_all(text, "\n\n\n", "\n\n");
  return text.substr(0, text.find_last_not_of('\n') + 1) + "\n";
}

}  // namespace mlenv
