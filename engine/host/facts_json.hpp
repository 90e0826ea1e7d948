#pragma once

#include <nlohmann/json.hpp>

#include "host/facts.hpp"

namespace mlenv {

/// Facts out of the document that `facts --json` prints; what is missing or null there is unknown. Throws the
/// JSON library's exception where a value has another type.
Facts facts_from_json(const nlohmann::ordered_json& document);

}  // namespace mlenv
