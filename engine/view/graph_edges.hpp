#pragma once

#include <cstddef>
#include <vector>

namespace mlenv {

/// For each node what it needs directly.
using Edges = std::vector<std::vector<std::size_t>>;

/// The edges that no path of others implies, ascending. `order` names every node once, needs before what
/// needs them.
Edges reduced_edges(const Edges& needs, const std::vector<std::size_t>& order);

/// The edges the other way round: for each node what needs it, ascending.
Edges reversed_edges(const Edges& needs);

/// The edges without those that close a cycle, and without repeats and loops.
Edges acyclic_edges(const Edges& needs);

/// The nodes of a graph without cycles, needs before what needs them; ties in the nodes' own order.
std::vector<std::size_t> needs_first(const Edges& needs);

}  // namespace mlenv
