#pragma once

#include <optional>
#include <string>

#include "base/diagnostic.hpp"
#include "cli/arguments.hpp"
#include "cli/open_host.hpp"
#include "lock/lock.hpp"
#include "plan/graph.hpp"
#include "plan/plan.hpp"
#include "recipe/recipe.hpp"

namespace mlenv {

/// A recipe that all kinds have understood.
struct LoadedRecipe {
  Recipe recipe;
  Graph graph;
  std::optional<LockedClass> locked = {};  ///< where a lock is honoured
};

/// Reads, decodes and links. Without a host (validate), facts stand for themselves and `~` is a home of no
/// one.
std::optional<LoadedRecipe> load_recipe(const Arguments& arguments, const OpenHost* host,
                                        Diagnostics& diagnostics);

/// As before, of files that are reached in another way: the text of a recipe that is no file yet.
std::optional<LoadedRecipe> load_recipe(const Arguments& arguments, const OpenHost* host,
                                        Diagnostics& diagnostics, const SourceLoader& read);

/// What the files say, before any kind has understood it and for no host: facts stand for themselves.
std::optional<Recipe> read_hostless(const Arguments& arguments, Diagnostics& diagnostics);

/// The name that the first recipe given has for itself; reports what keeps it from being read.
std::optional<std::string> name_of_recipe(const Arguments& arguments, const OpenHost& host,
                                          Diagnostics& diagnostics);

/// Plans: the warnings of the recipe are among the plan's findings.
Plan plan_recipe(const LoadedRecipe& loaded, const OpenHost& host, const Diagnostics& diagnostics,
                 bool upgrade, bool all_checks);

}  // namespace mlenv
