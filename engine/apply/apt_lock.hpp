#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "apply/perform.hpp"

namespace mlenv {

/// Which of apt's and dpkg's locks a program needs.
enum class AptLocks { packages, indexes };

/// Patience with other programs of apt's, such as unattended-upgrades: they are named and waited for. No lock
/// is taken, removed or broken here, and nobody is ended.
class AptPatience {
 public:
  AptPatience(AptLocks locks, Stage& stage);

  /// Waits until nobody holds what is needed. Errors: `apt.locked` when that takes longer than the stage's
  /// patience, `run.interrupted`.
  std::optional<Error> wait();
  /// As wait(), when apt itself says that it got no lock though nobody was seen to hold one.
  std::optional<Error> wait_after_refusal();

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<Wait> look() const;
  std::optional<Error> pause(const Wait& wait);
  void tell(const Wait& wait);

  const std::vector<std::string> paths_;
  Stage& stage_;
  const Clock::time_point began_ = Clock::now();
  std::optional<Wait> told_;
};

}  // namespace mlenv
