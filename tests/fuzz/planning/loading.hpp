#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/diagnostic.hpp"
#include "knowledge/knowledge.hpp"
#include "plan/graph.hpp"
#include "plan/plan.hpp"
#include "recipe/recipe.hpp"

namespace mlenv::fuzz {

/// What is compiled in, read once.
const Knowledge& own_knowledge();
/// A machine with a card and no driver, of the user `student`.
const Facts& some_facts();

/// Files by path, as a recipe names them.
using RecipeTexts = std::map<std::string, std::string>;

/// A recipe as the commands load it: read, decoded, linked. Without facts and host as `validate` does.
struct LoadedTexts {
  Recipe recipe;
  Graph graph;
};
std::optional<LoadedTexts> load(const RecipeTexts& texts, const Facts* facts, const HostReader* host,
                                Diagnostics& diagnostics);

/// Its plan.
Plan plan_of(const LoadedTexts& loaded, const Facts& facts, const HostReader& host);

}  // namespace mlenv::fuzz
