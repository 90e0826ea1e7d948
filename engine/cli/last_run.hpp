#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/saved_plan.hpp"
#include "cli/state.hpp"
#include "host/facts.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// The newest run, when its journal does not tell its end and nobody is at it: it was killed, or the machine
/// went down.
struct CutShortRun {
  std::string id;
  std::string text;  ///< one sentence: when it stopped, and in which steps
  int session = 0;   ///< of its process; 0 when its journal does not say
};
std::optional<CutShortRun> run_cut_short(const StateFolder& state);

/// The newest run, as far as the next one has to know of it.
struct LastRun {
  std::string id;
  std::string status;                ///< ok, failed, waiting, interrupted; empty when its end is not told
  std::string boot_id;               ///< of the boot in which it ran
  bool reboot = false;               ///< it has brought a driver that waits for the next boot
  std::optional<SavedPlan> request;  ///< what it was asked for
};
std::optional<LastRun> last_run(const StateFolder& state);

/// What the kernel calls this boot of the machine; empty where it does not say.
std::string boot_id(const HostReader& host);

/// Why a run that waited for a reboot cannot go on yet: the new driver does not run. Nothing when it does.
std::optional<Error> not_booted(const LastRun& run, const HostReader& host, const Facts& facts);

/// What a plan says of it.
PlanFinding finding_of(const CutShortRun& run);
PlanFinding finding_of(const Error& not_booted);

}  // namespace mlenv
