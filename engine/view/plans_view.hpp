#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "view/style.hpp"

namespace mlenv {

/// A `mlenvctl.plans/1` document as a table of hosts, and below it what happens to them: once for those to
/// which the same happens, and with -v for every host by itself.
std::string plans_text(const nlohmann::ordered_json& plans, const Style& style);

/// The same for a pull request: a table, and what happens folded below it.
std::string plans_markdown(const nlohmann::ordered_json& plans);

}  // namespace mlenv
