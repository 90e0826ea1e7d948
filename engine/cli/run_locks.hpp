#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/open_host.hpp"
#include "host/writer.hpp"

namespace mlenv {

/// As they are now.
LastHolders last_holders(const HostReader& reader, const User& user);

/// The parts of a host that a run changes.
struct HostParts {
  bool system = false, user = false;
};
HostParts parts_of(const Plan& plan);

/// Why these parts cannot be spoken of now: another run is at work on them (`run.locked`). Nothing where
/// nobody is, or it cannot be told.
std::optional<Error> run_at_work(const OpenHost& host, HostParts parts);

/// The locks of a run: the system's when root has something to do, the user's when the user has. Whoever runs
/// mlenvctl, for itself or for somebody else, meets the same ones.
class RunLocks {
 public:
  /// Takes what these parts need, at once. `command` is what others are told. Errors: `run.locked` names
  /// the run that is at work, `run.overtaken` one that has been at work since the plan was made.
  static Result<RunLocks> take(const OpenHost& host, HostParts parts, const std::string& command);

 private:
  std::unique_ptr<HostWriter> writer_;
  std::vector<std::unique_ptr<HeldLock>> held_;
};

}  // namespace mlenv
