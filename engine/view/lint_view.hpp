#pragma once

#include <string>

#include "resource/lint_rule.hpp"
#include "view/style.hpp"

namespace mlenv {

/// All codes that recipes are warned with: what each finds, and what to write instead.
std::string lint_index(const Style& style);
/// One of them.
std::string lint_rule_text(const LintRule& rule, const Style& style);

}  // namespace mlenv
