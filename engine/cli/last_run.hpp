#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/state.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// The newest run, when its journal does not tell its end and nobody is at it: it was killed, or the machine
/// went down.
struct CutShortRun {
  std::string id;
  std::string text;  ///< one sentence: when it stopped, and in which steps
};
std::optional<CutShortRun> run_cut_short(const StateFolder& state);

/// What the kernel calls this boot of the machine; empty where it does not say.
std::string boot_id();

/// What a plan says of it.
PlanFinding finding_of(const CutShortRun& run);

/// Writes at the end of such a run's journal that the host has been found as declared since.
void close_run_cut_short(const StateFolder& state);

}  // namespace mlenv
