#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/facts.hpp"
#include "view/style.hpp"

namespace mlenv {

/// The document `mlenvctl.facts/1`. What could not be read is null.
nlohmann::ordered_json facts_document(const Facts& facts);
/// The same for people, one fact a line; what is not known says why.
std::string facts_text(const Facts& facts, const Style& style);

}  // namespace mlenv
