#pragma once

#include <set>
#include <string>
#include <vector>

#include "recipe/recipe.hpp"

namespace mlenv {

/// A recipe file, parsed but not expanded.
struct RecipeSource {
  SourcePtr source;
  std::string folder;  ///< of the file, for what lies beside it
  Node root;
  bool included = false;  ///< by another file, not given itself
};

/// Reads the files given and all they include, each once, includes before the file that includes them. A file
/// that cannot be read or is no mapping is reported and left out.
std::vector<RecipeSource> read_recipe_files(const std::vector<std::string>& paths, const SourceLoader& load,
                                            Diagnostics& diagnostics);

/// Adds the resources of a file to the recipe, expanded.
void read_declarations(const RecipeSource& file, const RecipeRequest& request, const Scope& scope,
                       Recipe& recipe, Diagnostics& diagnostics);

}  // namespace mlenv
