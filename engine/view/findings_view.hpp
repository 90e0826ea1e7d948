#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "resource/decision.hpp"
#include "view/style.hpp"

namespace mlenv {

/// `mlenvctl.doctor/1`: the findings in their order.
nlohmann::ordered_json findings_document(const std::vector<Finding>& findings);
/// One paragraph for each, with its remedy; the last line counts.
std::string findings_text(const std::vector<Finding>& findings, const Style& style);

}  // namespace mlenv
