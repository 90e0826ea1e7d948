#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "plan/plan.hpp"

namespace mlenv {

/// The document `mlenvctl.plan/1`: every resource, the steps, counts and findings; credentials in URLs
/// masked.
nlohmann::ordered_json plan_document(const Plan& plan);

/// A document as text for people and programs alike: two spaces a level, a newline at the end; bytes that are
/// no UTF-8 become U+FFFD.
std::string dump(const nlohmann::ordered_json& document);

/// The document with the credentials of every URL in its strings masked.
nlohmann::ordered_json masked(nlohmann::ordered_json document);

}  // namespace mlenv
