#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "apply/perform.hpp"

namespace mlenv {

/// Which locks a program needs: apt's and dpkg's, or those of rpm and of the managers above it.
enum class PackageLocks { packages, indexes, rpm };

/// Patience with other programs that have the packages in hand, such as unattended-upgrades or PackageKit:
/// they are named and waited for. No lock is taken, removed or broken here, and nobody is ended.
class PackagePatience {
 public:
  PackagePatience(PackageLocks locks, Stage& stage);

  /// Waits until nobody holds what is needed. Errors: `apt.locked` (`rpm.locked`) when that takes longer than
  /// the stage's patience, `run.interrupted`.
  std::optional<Error> wait();
  /// As wait(), when the program itself says that it got no lock though nobody was seen to hold one.
  std::optional<Error> wait_after_refusal();

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<Wait> look() const;
  Wait seen(const std::string& what, const LockHolder& holder) const;
  std::optional<Error> pause(const Wait& wait);
  void tell(const Wait& wait);

  const PackageLocks locks_;
  const std::vector<std::string> paths_;
  Stage& stage_;
  const Clock::time_point began_ = Clock::now();
  std::optional<Wait> told_;
};

}  // namespace mlenv
