#pragma once

#include <functional>

#include "apply/event.hpp"
#include "apply/perform.hpp"
#include "plan/graph.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// What apply works on: the plan, the graph that it was made of (to probe again), and the host.
struct ApplyRequest {
  const Plan& plan;
  const Graph& graph;
  HostWriter& writer;
  const HostReader& reader;
  std::function<Facts()> facts;  ///< the facts as they are when it is called
  Environment environment;       ///< of this process
  std::string run_id;
  unsigned parallel = 4;  ///< steps at a time, at least one
  std::function<Moment()> clock;
  std::function<bool()> interrupted = [] { return false; };  ///< true: begin nothing more
  Fetching* fetching = nullptr;                              ///< see Stage
};

/// How a run ended. Counts are of steps; a person's turn (manual) counts as waiting.
struct Report {
  std::string status;  ///< ok, failed, waiting, interrupted
  std::size_t done = 0, failed = 0, skipped = 0, waiting = 0;
};

/// Carries out the steps of a plan: each after what it needs, those that have nothing to do with each other
/// at the same time. After its last step a resource is probed again; what is not as declared then has failed.
/// What needs something that failed is skipped, the rest goes on.
Report apply(const ApplyRequest& request, Listener& listener);

}  // namespace mlenv
