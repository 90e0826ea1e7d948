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
/// What a kind takes: the value that names it, its own fields, and those of every kind.
std::vector<Field> all_fields(const Kind& kind);
/// One field of a kind, by its name or a dotted path (`key.fingerprint`); nothing when the kind has none
/// such.
std::optional<Field> field_at(const Kind& kind, const std::string& path);
std::optional<std::string> explain_field(const Kind& kind, const std::string& path, const Style& style);
/// The names that explain_field knows at the first level, for suggestions.
std::vector<std::string> field_names(const Kind& kind);

/// All that `explain` knows something about, down to the last field.
std::vector<std::string> explain_topics(const std::vector<Kind>& kinds);

/// The JSON Schema (draft 7) of the recipe language.
std::string recipe_schema(const std::vector<Kind>& kinds);

}  // namespace mlenv
