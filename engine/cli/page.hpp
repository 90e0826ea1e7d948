#pragma once

#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/state.hpp"

namespace mlenv {

/// Writes what `--html` names, when it is given: the plan as a page. Says so when that fails.
bool write_plan_page(const nlohmann::ordered_json& plan, const Arguments& arguments);
/// The same for a run, with the plan that was kept with it.
bool write_run_page(const StateFolder& state, const std::string& run_id, const Arguments& arguments);
/// The same for past runs.
bool write_history_page(const std::vector<PastRun>& runs, const Arguments& arguments);

}  // namespace mlenv
