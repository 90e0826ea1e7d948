#include "view/kind_words.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {

std::vector<std::string> manual_paragraphs(std::string_view manual) {
  std::vector<std::string> paragraphs;
  bool open = false;
  for (const auto line : split_lines(manual)) {
    const std::string words(trim(line));
    if (words.empty()) {
      open = false;
    } else if (open) {
      paragraphs.back() += " " + words;
    } else {
      paragraphs.push_back(words);
      open = true;
    }
  }
  return paragraphs;
}

std::string example_lines(std::string_view example) {
  const auto lines = split_lines(example);
  std::size_t common = example.size();
  for (const auto line : lines) {
    if (!trim(line).empty()) common = std::min(common, line.find_first_not_of(' '));
  }
  std::string text;
  for (const auto line : lines) {
    if (trim(line).empty() && text.empty()) continue;
    text += (trim(line).empty() ? "" : std::string(line.substr(common))) + "\n";
  }
  return text.substr(0, text.find_last_not_of('\n') + 1) + (text.empty() ? "" : "\n");
}

Field name_field(const Kind& kind) {
  Field field = kind.name;
  field.name = std::string(kind.text.name);
  field.type += kind.text.naming == Naming::many ? ", or a list of them" : "";
  return field;
}

}  // namespace mlenv
