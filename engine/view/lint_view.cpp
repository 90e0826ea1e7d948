#include "view/lint_view.hpp"

#include <algorithm>

#include "view/screen_text.hpp"

namespace mlenv {
namespace {

std::string paragraph(const std::string& text, const Style& style) {
  constexpr std::size_t indent = 4, usual_width = 100;  // where there is no terminal that says
  const std::size_t width =
      style.width > indent + 30 ? std::min<std::size_t>(style.width, usual_width) : usual_width;
  std::string lines;
  for (const auto& line : wrapped(text, width - indent)) lines += std::string(indent, ' ') + line + "\n";
  return lines;
}

}  // namespace

std::string lint_rule_text(const LintRule& rule, const Style& style) {
  return bold(rule.code, style) + "\n" + paragraph(std::string(rule.meaning), style) +
         paragraph("Remedy: " + std::string(rule.remedy), style);
}

std::string lint_index(const Style& style) {
  std::string text = "What `validate` and `plan` find in recipes:\n";
  for (const auto& rule : lint_rules()) text += "\n" + lint_rule_text(rule, style);
  return text + "\n`mlenvctl validate --strict` refuses a recipe with any of them.\n";
}

}  // namespace mlenv
