#pragma once

#include <string_view>
#include <vector>

namespace mlenv {

/// One classic of setup guides that recipes are read for.
struct LintRule {
  std::string_view code;     ///< lint.moving-target
  std::string_view meaning;  ///< what it finds and what comes of it, in one sentence
  std::string_view remedy;   ///< what to write instead, in one sentence
};

/// All of them, in the order in which `explain lint` lists them. A code that is reported stands here.
const std::vector<LintRule>& lint_rules();
/// By code; null when there is none.
const LintRule* find_lint_rule(std::string_view code);

}  // namespace mlenv
