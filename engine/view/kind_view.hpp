#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resource/kind.hpp"
#include "view/style.hpp"

namespace mlenv {

/// Every kind with its summary.
std::string explain_index(const std::vector<Kind>& kinds, const Style& style);
/// What a kind is and takes, with an example.
std::string explain_kind(const Kind& kind, const Style& style);
/// One field of a kind, by its name or a dotted path (`key.fingerprint`); nothing when the kind has none
/// such.
std::optional<std::string> explain_field(const Kind& kind, const std::string& field, const Style& style);
/// The names that explain_field knows at the first level, for suggestions.
std::vector<std::string> field_names(const Kind& kind);

/// The JSON Schema (draft 7) of the recipe language.
std::string recipe_schema(const std::vector<Kind>& kinds);

}  // namespace mlenv
