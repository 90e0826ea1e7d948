#pragma once

#include <nlohmann/json.hpp>

#include "cli/planning.hpp"

namespace mlenv {

/// The document `mlenvctl.managed/1`: what a recipe manages of a host and how that stands, with a digest over
/// it. Hosts on which the same is managed alike have one digest, whatever else is on them.
nlohmann::ordered_json managed_document(const Planned& planned);

/// That document for people.
std::string managed_text(const nlohmann::ordered_json& document);

}  // namespace mlenv
