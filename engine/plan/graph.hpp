#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/diagnostic.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// The resources of a recipe and the edges between them; without cycles.
struct Graph {
  std::vector<Resource> resources;              ///< in the recipe's order
  std::vector<std::vector<std::size_t>> needs;  ///< per resource, ascending, without repeats
  std::vector<std::vector<std::size_t>>
      hard;  ///< the part of `needs` without which the resource has no meaning
  std::vector<std::vector<std::size_t>>
      to_build;  ///< the part of `needs` that what is compiled already need not wait for
  std::vector<std::vector<std::size_t>>
      to_bring;  ///< the part of `needs` that a resource with nothing to do does not pass on
  std::vector<std::size_t> order;  ///< topological; among the free, the recipe's order
};

/// Joins resources into a graph: drops identical repeats, fills references, adds explicit and inferred edges.
/// Codes: `graph.duplicate-address unknown-address unknown-reference absent-need cycle`. A cycle is printed
/// member by member with places.
std::optional<Graph> link(std::vector<Resource> resources, Diagnostics& diagnostics);

/// The part of a graph that `targets` and what they need make up. Codes: `graph.unknown-address`.
std::optional<Graph> select_targets(Graph graph, const std::vector<std::string>& targets,
                                    Diagnostics& diagnostics);

}  // namespace mlenv
