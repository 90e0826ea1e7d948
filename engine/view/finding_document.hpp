#pragma once

#include <nlohmann/json.hpp>

#include "plan/plan.hpp"

namespace mlenv {

/// A finding as every document holds it: code, severity, message, hint, file, line, column; null what there
/// is not.
nlohmann::ordered_json finding_document(const PlanFinding& finding);
/// `file`, `line` and `column`; nulls for a place that is none.
nlohmann::ordered_json origin_document(const Origin& origin);

}  // namespace mlenv
