#pragma once

#include <string>
#include <vector>

#include "resource/kind.hpp"
#include "resource/lint_rule.hpp"
#include "view/command_text.hpp"
#include "view/style.hpp"

namespace mlenv {

/// A piece of a manual, whatever it is printed as. In its texts `backticks` hold what can be typed.
struct ManualPart {
  enum class Sort { section, subsection, paragraph, entry, example };
  Sort sort = Sort::paragraph;
  std::string label;   ///< of an entry, as it is typed
  std::string type;    ///< of an entry, what stands for a value
  std::string text;    ///< the heading, the words, or an example's lines
  unsigned depth = 0;  ///< of an entry within others
};
using ManualParts = std::vector<ManualPart>;

/// A page of the manual.
struct ManualPage {
  std::string name;  ///< mlenvctl-recipe
  unsigned section = 0;
  std::string summary;
  ManualParts parts;
};

/// What stands in the footer of a page.
struct Release {
  std::string version, date;
};

std::string manual_roff(const ManualPage& page, const Release& release);
std::string manual_markdown(const ManualPage& page);
std::string manual_text(const ManualPage& page, const Style& style);

// What there is to tell, made of the same descriptions as `explain`, the schema and the help.
ManualPage command_manual(const std::vector<CommandText>& commands);
ManualPage recipe_manual(const std::vector<Kind>& kinds);
ManualParts kind_parts(const Kind& kind);
ManualParts field_parts(const std::vector<Field>& fields, unsigned depth = 0);
ManualParts lint_parts(const std::vector<LintRule>& rules);

}  // namespace mlenv
