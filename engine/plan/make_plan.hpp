#pragma once

#include "plan/graph.hpp"
#include "plan/plan.hpp"

namespace mlenv {

struct PlanRequest {
  PlanRecipe recipe;
  PlanHost host;
  bool upgrade = false;     ///< see ProbeScope::upgrade
  bool all_checks = false;  ///< checks get their steps also when nothing else changes (verify)
};

/// Asks every resource for its decision, in topological order, and lays out the steps, grouped. Pure but for
/// probes.
Plan make_plan(const Graph& graph, const Facts& facts, const HostReader& host, const PlanRequest& request);

/// Decides one resource anew (after its steps): index into graph.resources. The cache must be younger than
/// the steps.
Decision decide_again(const Graph& graph, std::size_t resource, const Facts& facts, const HostReader& host,
                      ProbeCache& cache);

/// The requirements that the host does not meet, or of which that cannot be told.
std::vector<Answer> unmet_requirements(const Recipe& recipe, const Facts& facts);

}  // namespace mlenv
