#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "view/style.hpp"

namespace mlenv {

/// A plan's document for people: what changes and why, attributes as `old -> new`, the steps, what was found,
/// and as the last line the counts. Works from the document alone, so a plan of any host can be shown.
std::string plan_text(const nlohmann::ordered_json& plan, const Style& style);

}  // namespace mlenv
