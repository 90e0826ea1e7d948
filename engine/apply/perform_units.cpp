#include "apply/perform.hpp"
#include "resource/systemd_unit.hpp"

namespace mlenv {
namespace {

constexpr std::chrono::seconds patience_with_units{300};
constexpr std::chrono::seconds patience_with_accounts{60};

/// A user's manager is found by the user's run-time folder, which a program behind sudo does not inherit.
Environment manager_variables(const ControlUnit& step, const User& user) {
  Environment variables;
  if (step.offline) variables["SYSTEMD_OFFLINE"] = "1";
  if (step.scope == UnitScope::user) {
    const auto folder = "/run/user/" + std::to_string(user.uid);
    variables["XDG_RUNTIME_DIR"] = folder;
    variables["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + folder + "/bus";
    // Else `systemctl --user` would look for units where the caller's own variables say.
    variables["XDG_CONFIG_HOME"] = user.home + "/.config";
  }
  return of_the_system(std::move(variables));
}

/// A user may have logged out since the plan was made: then there is no manager any more that could be told.
bool has_gone(const ControlUnit& step, const Stage& stage) {
  const auto runs = manager_runs({stage.reader, stage.facts.user, step.scope});
  return !step.offline && runs && !*runs;
}

bool is_done_by_links(ControlUnit::Verb verb) {
  using Verb = ControlUnit::Verb;
  return verb == Verb::enable || verb == Verb::disable || verb == Verb::reenable;
}

}  // namespace

Outcome perform_step(const ControlUnit& planned, Stage& stage) {
  auto step = planned;
  step.offline = step.offline || has_gone(step, stage);
  if (step.offline && !is_done_by_links(step.verb)) return {};
  Command command{step_command(Step(step)), manager_variables(step, stage.facts.user), step.privilege,
                  patience_with_units};
  auto outcome = run_program(command, stage);
  const std::string whose = step.scope == UnitScope::user ? " --user" : "";
  const bool runs = step.verb == ControlUnit::Verb::start || step.verb == ControlUnit::Verb::restart;
  if (!outcome.ok() && runs && outcome.error->hint.empty())
    outcome.error->hint = "`journalctl" + whose + " -b -u " + step.unit + "` tells why";
  return outcome;
}

Outcome perform_step(const SetMembership& step, Stage& stage) {
  Command command{step_command(Step(step)), of_the_system(), Privilege::root, patience_with_accounts};
  command.vital = true;  // it rewrites the file of all groups
  return run_program(command, stage);
}

}  // namespace mlenv
