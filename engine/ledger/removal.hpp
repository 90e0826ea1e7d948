#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "ledger/ledger.hpp"
#include "plan/graph.hpp"

namespace mlenv {

/// What of the ledger is to be removed.
struct RemovalRequest {
  std::set<std::string> recipes = {};  ///< by name; empty: of all
  std::set<std::string> targets = {};  ///< addresses, and what needs them; empty: all
  const Graph* declared = nullptr;  ///< prune: what this declares stays, under whatever address it was made
};

/// Resources that say of what the ledger has what is still there, and by which steps it goes: in reverse
/// order of need. What was changed since stays, and a finding says so. The ledger must live as long as the
/// graph.
Graph removal_graph(const Ledger& ledger, const RemovalRequest& request, const ProbeScope& scope);

/// Both in one: the recipe's resources, and those that are to go.
Graph joined(Graph graph, const Graph& removal);

}  // namespace mlenv
