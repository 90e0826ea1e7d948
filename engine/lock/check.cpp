#include "lock/check.hpp"

#include <algorithm>

namespace mlenv {
namespace {

const LockedWheel* locked_wheel(const LockedClass& locked, const std::string& environment,
                                const Wheel& wheel) {
  for (const auto& each : locked.environments) {
    if (each.name != environment) continue;
    for (const auto& candidate : each.wheels) {
      if (candidate.wheel.name == wheel.name && candidate.wheel.version == wheel.version) return &candidate;
    }
  }
  return nullptr;
}

void check_wheels(const Plan& plan, const PlannedStep& step, const std::vector<Wheel>& wheels,
                  const LockedClass& locked, std::vector<PlanFinding>& findings) {
  const auto& change = plan.changes[step.changes.front()];
  for (const auto& wheel : wheels) {
    const auto* other = locked_wheel(locked, environment_of(change.address), wheel);
    if (other == nullptr || other->wheel.sha256 == wheel.sha256) continue;
    const bool same_file = other->wheel.file == wheel.file;
    findings.push_back(
        {"lock.hash", Severity::error,
         "`" + wheel.file + "` is not what is locked: " +
             (same_file ? "its SHA-256 is " + wheel.sha256 + ", and " + other->wheel.sha256 + " is locked"
                        : "`" + other->wheel.file + "` is"),
         same_file ? "the index has other bytes under the same name: ask who made them"
                   : "`mlenvctl lock` takes the file that this host's pip takes",
         change.origin});
  }
}

}  // namespace

std::vector<PlanFinding> lock_findings(const Plan& plan, const LockedClass& locked) {
  std::vector<PlanFinding> findings;
  for (const auto& step : plan.steps) {
    if (const auto* call = std::get_if<PipInstall>(&step.step))
      check_wheels(plan, step, call->expected, locked, findings);
    if (const auto* venv = std::get_if<MakeVenv>(&step.step))
      check_wheels(plan, step, venv->expected, locked, findings);
  }
  return findings;
}

}  // namespace mlenv
