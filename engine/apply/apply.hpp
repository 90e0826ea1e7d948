#pragma once

#include <functional>
#include <optional>

#include "apply/event.hpp"
#include "apply/perform.hpp"
#include "plan/graph.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// A step as it is about to be carried out, and the changes of the plan that it serves.
struct StepInTurn {
  int id = 0;
  const Step& step;
  const std::vector<std::size_t>& changes;
};

/// What apply works on: the plan, the graph that it was made of (to probe again), and the host.
struct ApplyRequest {
  const Plan& plan;
  const Graph& graph;
  HostWriter& writer;
  const HostReader& reader;
  std::function<Facts()> facts;  ///< the facts as they are when it is called
  Environment environment;       ///< of this process
  std::string run_id;
  unsigned parallel = 4;          ///< steps at a time, at least one
  std::function<Moment()> clock;  ///< of the day; it may be set while the run is on
  std::function<bool()> interrupted = [] { return false; };  ///< true: begin nothing more
  Fetching* fetching = nullptr;                              ///< see Stage
  std::chrono::seconds patience{600};                        ///< likewise
  /// Is told of a step (or of what is left of a shared one) when it is about to begin; an error keeps it from
  /// beginning.
  std::function<std::optional<Error>(const StepInTurn&)> before_step = [](const StepInTurn&) {
    return std::optional<Error>();
  };
  /// Is told how it ended.
  std::function<void(const StepInTurn&, bool ok)> after_step = [](const StepInTurn&, bool) {};
};

/// How a run ended. Counts are of steps; a person's turn (manual) counts as waiting.
struct Report {
  std::string status;  ///< ok, failed, waiting, interrupted
  std::size_t done = 0, failed = 0, skipped = 0, waiting = 0;
  bool reboot = false;  ///< a new driver waits for the next boot
};

/// Carries out the steps of a plan: each after what it needs, those that have nothing to do with each other
/// at the same time. After its last step a resource is probed again; what is not as declared then has failed.
/// What needs something that failed is skipped, the rest goes on.
Report apply(const ApplyRequest& request, Listener& listener);

}  // namespace mlenv
