#include "cli/run_locks.hpp"

#include <algorithm>
#include <chrono>

#include "base/text.hpp"
#include "cli/look_ahead.hpp"
#include "cli/screen.hpp"
#include "host/local_host.hpp"

namespace mlenv {
namespace {

LockPlace place_of(Privilege privilege, const User& user) {
  const bool system = privilege == Privilege::root || user.uid == 0;
  return {system ? "/var/lib/mlenvctl" : user.home + "/.local/state/mlenvctl",
          {},
          system ? Privilege::root : Privilege::user};
}

std::string holder_in(const HostReader& reader, const LockPlace& place) {
  const auto text = reader.read_file(last_holder_path(place));
  return text && *text ? std::string(trim(**text)) : std::string();
}

/// One line, whatever is in it.
std::string own_line(const std::string& command) {
  auto line = "process " + std::to_string(own_process()) + ", `" + mask_credentials(command) + "`, since " +
              time_text(std::chrono::system_clock::now());
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return line;
}

Error locked(const Error& error) {
  if (error.code != "host.locked") return error;
  return {"run.locked",
          "another run is at work: " + (error.message.empty() ? "it does not say which" : error.message),
          "wait for it to end, then run this again"};
}

}  // namespace

LastHolders last_holders(const HostReader& reader, const User& user) {
  return {holder_in(reader, place_of(Privilege::root, user)),
          holder_in(reader, place_of(Privilege::user, user))};
}

HostParts parts_of(const Plan& plan) {
  const auto has = [&](Privilege privilege) {
    return std::any_of(plan.steps.begin(), plan.steps.end(),
                       [&](const PlannedStep& step) { return step_privilege(step.step) == privilege; });
  };
  return {has(Privilege::root), has(Privilege::user)};
}

std::optional<Error> run_at_work(const OpenHost& host, HostParts parts) {
  for (const auto privilege : {Privilege::user, Privilege::root}) {
    if (!(privilege == Privilege::user ? parts.user : parts.system)) continue;
    const auto place = place_of(privilege, host.facts.user);
    if (!host.reader->lock_holder(lock_path(place))) continue;
    return locked({"host.locked", holder_in(*host.reader, place), {}});
  }
  return std::nullopt;
}

Result<RunLocks> RunLocks::take(const OpenHost& host, HostParts parts, const std::string& command) {
  RunLocks locks;
  locks.writer_ = writer_for(host);
  const auto& user = host.facts.user;
  if (user.uid == 0) parts = {parts.system || parts.user, false};  // root's own part is the system's
  struct {
    bool wanted;
    Privilege privilege;
    const std::string& before;
  } const all[] = {{parts.user, Privilege::user, host.before.user},
                   {parts.system, Privilege::root, host.before.system}};
  for (const auto& [wanted, privilege, before] : all) {
    if (!wanted) continue;
    auto place = place_of(privilege, user);
    place.holder = own_line(command);
    auto lock = locks.writer_->lock(place);
    if (!lock) return locked(lock.error());
    if ((*lock)->before != before) {
      return Error{"run.overtaken", "another run has been at work since this was planned: " + (*lock)->before,
                   "run this again"};
    }
    locks.held_.push_back(std::move(*lock));
  }
  return locks;
}

}  // namespace mlenv
