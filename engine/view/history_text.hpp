#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "view/style.hpp"

namespace mlenv {

/// Past runs as a table, in the order given: objects with `run_id started recipe status done failed skipped
/// log`.
std::string history_text(const nlohmann::ordered_json& runs, const Style& style);

}  // namespace mlenv
