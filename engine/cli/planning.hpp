#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "cli/arguments.hpp"
#include "cli/load_recipe.hpp"
#include "cli/open_host.hpp"
#include "cli/open_ledger.hpp"
#include "cli/saved_plan.hpp"
#include "cli/state.hpp"

namespace mlenv {

/// A recipe planned for a host; everything that commands on a host begin with.
struct Planned {
  OpenHost host;
  std::shared_ptr<OpenLedger> ledger;  ///< where something is to be removed
  std::set<std::string> leaving;       ///< addresses of what is to be removed
  LoadedRecipe loaded;
  Plan plan;
  nlohmann::ordered_json document;
  bool feasible = true;           ///< looking ahead has found nothing that speaks against applying it
  std::int64_t looked_ahead = 0;  ///< when that began, seconds since the epoch
};

/// Whether apt and pip are asked what they will do: for a plan that is to be shown or applied.
enum class Ahead { ask, leave };

/// Plans as the arguments say, and prints what stands in the way: then the exit code comes back instead.
/// Recipes that are not given are those of the plan saved last.
std::variant<Planned, int> plan_as_asked(Arguments& arguments, bool all_checks, Ahead ahead);

/// Plans the removal of what mlenvctl has made: for the recipes given (files, or names that the ledger has),
/// else for all.
std::variant<Planned, int> plan_removal(const Arguments& arguments);

/// Reports what the recipe asks of a host and this one has not.
void report_unmet(const Recipe& recipe, const Facts& facts, Diagnostics& diagnostics);
/// A recipe that is sound and does not go together on this host is refused; one with mistakes is bad input.
int code_of(const Diagnostics& diagnostics);

/// The plan with all that is needed to make it again.
SavedPlan saved_from(const Planned& planned, nlohmann::ordered_json document, const Arguments& arguments);
/// The arguments that made a saved plan, over those given now.
Arguments arguments_of(const SavedPlan& saved, Arguments given);

}  // namespace mlenv
