#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mlenv {

/// `booting`: done, and takes effect with the next boot, for which what needs it has to wait.
enum class ChangeState { open, done, failed, waiting, skipped, booting };

/// What of a step can be done now, and which of its changes are kept from it, and why.
struct Ready {
  std::optional<Step> step;  ///< the step, or what is left of a shared one; nothing when all is blocked
  std::vector<std::size_t> changes;  ///< that it serves
  std::vector<std::size_t> blocked;
  std::string reason;  ///< of the first blocked one
  bool waits = false;  ///< for a person or a reboot rather than for something that failed
};

/// How far each change of a plan is. Pure bookkeeping: it decides what may run, and runs nothing.
class Progress {
 public:
  explicit Progress(const Plan& plan);

  ChangeState state(std::size_t change) const { return states_[change]; }
  /// A composite shares the fate of what it has chosen.
  void settle(std::size_t change, ChangeState state);
  /// A download has failed: what waits for it is told so.
  void miss_downloads() { downloads_missed_ = true; }
  /// One step of the change is over; true when it was the last one.
  bool finish_step(std::size_t change) { return --steps_left_[change] == 0; }
  /// Looks at a step whose needed steps are over, and marks the changes that cannot go on as skipped.
  Ready inspect(const PlannedStep& step);

 private:
  std::optional<std::size_t> blocker(std::size_t change) const;
  std::string reason_of(std::size_t change, std::size_t blocker) const;

  const Plan& plan_;
  std::vector<ChangeState> states_;
  std::vector<std::vector<std::size_t>> needs_, needed_by_;
  std::vector<int> steps_left_;
  bool downloads_missed_ = false;
};

}  // namespace mlenv
