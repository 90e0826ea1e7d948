#include <algorithm>
#include <thread>
#include <utility>

#include "apply/apt_program.hpp"
#include "apply/moved.hpp"
#include "apply/perform.hpp"
#include "base/deb_version.hpp"
#include "base/text.hpp"
#include "resource/dpkg_status.hpp"

namespace mlenv {

std::optional<Error> moved_since_planned(const AptTransaction& step, const Output& simulation,
                                         const std::function<bool(const AptEffect&)>& reached) {
  std::vector<std::string> moved;
  const auto words = [](const std::string& version) { return version.empty() ? "absent" : version; };
  auto now = parse_simulation(simulation.out);
  for (const auto& planned : step.expected) {
    const auto same = std::find_if(now.begin(), now.end(), [&](const SimulatedChange& each) {
      return each.effect.name == planned.name;
    });
    const auto after = same == now.end() ? std::string("as it is") : words(same->effect.after);
    const bool as_planned = same != now.end() ? same->effect.after == planned.after : reached(planned);
    if (!as_planned) moved.push_back(planned.name + ": planned " + words(planned.after) + ", now " + after);
    if (same != now.end()) now.erase(same);
  }
  for (const auto& more : now) {
    moved.push_back(more.effect.name + ": not planned, now " + words(more.effect.before) + " -> " +
                    words(more.effect.after));
  }
  if (moved.empty()) return std::nullopt;
  constexpr std::size_t shown = 6;
  const auto count = moved.size();
  if (count > shown) moved.resize(shown);
  return Error{"apply.moved",
               "apt would do something else than was planned: " + join(moved, "; ") +
                   (count > shown ? " and " + std::to_string(count - shown) + " more" : ""),
               "plan again"};
}

bool is_reached(const AptEffect& planned, const DpkgStatus& packages) {
  const auto package = packages.find(planned.name);
  const bool there = package && (package->is_installed() || package->is_broken());
  return planned.after.empty() ? !there : there && package->version == planned.after;
}

namespace {

/// The versions of a package that apt can install, newest first.
Result<std::vector<DebVersion>> known_versions(const std::string& name, Stage& stage) {
  const Command command{{"apt-cache", "madison", "--", name}, of_the_system(), Privilege::user, {}};
  const auto result = stage.writer.run(command, {});
  return result ? Result<std::vector<DebVersion>>(parse_madison(result->out)) : result.error();
}

/// The newest version that apt can install and that satisfies the item's comparison.
Result<std::string> version_for(const AptItem& item, Stage& stage) {
  const auto constraint = DebConstraint::parse(item.constraint);
  const auto versions = known_versions(item.name, stage);
  if (!versions) return versions.error();
  for (const auto& version : *versions) {
    if (constraint && constraint->allows(version)) return version.str();
  }
  return Error{"apt.no-candidate", "no version of `" + item.name + "` satisfies `" + item.constraint + "`",
               nearest_versions(*versions, constraint ? std::optional(constraint->version) : std::nullopt)};
}

std::optional<Error> choose_versions(AptTransaction& step, Stage& stage) {
  bool updated = false;
  for (auto& item : step.install) {
    if (item.constraint.empty()) continue;
    auto version = version_for(item, stage);
    if (!version && version.error().code == "apt.no-candidate" && !std::exchange(updated, true)) {
      if (stage.lines) stage.lines("no version fits; updating the package index");
      (void)update_index({}, stage);
      version = version_for(item, stage);
    }
    if (!version) return version.error();
    item.version = std::move(*version);
  }
  return std::nullopt;
}

/// The index names what the server no longer has, or does not name what is wanted: an update may help.
bool index_is_old(const std::string& complaint) {
  for (const char* sign :
       {"Unable to locate package", "has no installation candidate", "404  Not Found", "was not found"}) {
    if (complaint.find(sign) != std::string::npos) return true;
  }
  return false;
}

/// What apt knows in place of the exact versions that it does not have.
std::string known_instead(const AptTransaction& step, Stage& stage) {
  for (const auto& item : step.install) {
    const auto wanted = DebVersion::parse(item.version);
    const auto versions = known_versions(item.name, stage);
    if (!versions || (!wanted && !versions->empty())) continue;
    const bool there = wanted && std::find(versions->begin(), versions->end(), *wanted) != versions->end();
    if (!there) return "of `" + item.name + "`, " + nearest_versions(*versions, wanted);
  }
  return "`apt-cache policy NAME` shows what apt can install; is its repository declared?";
}

Error explained(const AptTransaction& step, const Outcome& outcome, const std::string& complaint,
                Stage& stage) {
  if (index_is_old(complaint)) return {"apt.no-candidate", complaint, known_instead(step, stage)};
  return {"apt.failed", complaint.empty() ? outcome.error->message : complaint, {}};
}

/// Debs that were downloaded before are taken from there.
std::vector<std::string> command_of(const AptTransaction& step, const Stage& stage) {
  auto command = step_command(Step(step));
  if (stage.fetching != nullptr && stage.fetching->shadow) {
    const auto archives = "Dir::Cache::archives=" + stage.fetching->shadow->archives();
    command.insert(command.begin() + 1, {"-o", archives});
  }
  return command;
}

/// What of the plan would come otherwise now; nothing when apt still means the same.
std::optional<Error> moved_since_planned(const AptTransaction& step, Stage& stage) {
  if (step.expected.empty()) return std::nullopt;
  auto words = step_command(Step(step));
  words.erase(std::remove(words.begin(), words.end(), "-y"), words.end());
  words.insert(words.begin() + 1, "-s");
  const auto output = stage.writer.run({words, of_the_system(), Privilege::root, {}}, {});
  if (!output) return output.error();
  if (output->exit_code != 0)
    return std::nullopt;  // apt says so itself, and better, when it is told to do it
  ProbeCache fresh;
  const auto& dpkg = dpkg_database({stage.reader, stage.facts, fresh});
  return moved_since_planned(step, *output,
                             [&](const AptEffect& planned) { return is_reached(planned, dpkg.packages); });
}

/// An index that is old is updated once; what passes by itself (a mirror in the middle of its own update) is
/// tried again, with the index of then.
Outcome run_transaction(const AptTransaction& step, Stage& stage) {
  constexpr int attempts = 3;
  for (int count = 1;; ++count) {
    Output output;
    auto outcome = run_apt(command_of(step, stage), stage, &output);
    const bool told = !outcome.ok() && outcome.exit_code == 0;  // it was not started, or ended from outside
    if (outcome.ok() || told) return outcome;
    const auto complaint = apt_complaint(output, false);
    const bool passes = passes_by_itself(complaint);
    const bool again = !step.install.empty() && ((index_is_old(complaint) && count == 1) || passes);
    if (!again || count == attempts) {
      outcome.error = explained(step, outcome, complaint, stage);
      return outcome;
    }
    if (passes) std::this_thread::sleep_for(std::chrono::seconds(2 * count));
    if (stage.lines) stage.lines("updating the package index and trying again");
    (void)update_index({}, stage);  // another repository's trouble need not be this transaction's
  }
}

Outcome mark(const char* verb, const std::vector<std::string>& names, Stage& stage) {
  if (names.empty()) return {};
  std::vector<std::string> argv = {"apt-mark", verb, "--"};
  argv.insert(argv.end(), names.begin(), names.end());
  return run_apt(std::move(argv), stage);
}

/// Installs anew, in the versions that they have, packages that dpkg was stopped in the middle of: apt takes
/// one whose version is the newest for installed.
Outcome install_anew(const std::vector<PackageRecord>& packages, Stage& stage) {
  AptTransaction again;
  for (const auto& each : packages) again.install.push_back({each.name, each.version, {}});
  auto command = command_of(again, stage);
  const auto verb = std::find(command.begin(), command.end(), "install");
  command.insert(verb + 1, {"--reinstall", "--allow-change-held-packages"});
  return run_apt(std::move(command), stage);
}

void finish_interrupted(Stage& stage) {
  auto outcome = run_apt({"dpkg", "--configure", "-a", "--force-confdef", "--force-confold"}, stage);
  ProbeCache fresh;
  const auto half = dpkg_database({stage.reader, stage.facts, fresh}).packages.half_installed();
  if (outcome.ok() && !half.empty()) outcome = install_anew(half, stage);
  // What cannot be finished alone may need what a later step brings; where it does not come, the probe says
  // so.
  if (!outcome.ok() && stage.lines)
    stage.lines("dpkg could not finish all of it; what is still to come may help");
}

}  // namespace

Outcome perform_step(const AptTransaction& step, Stage& stage) {
  auto chosen = step;
  if (step.configure_first) finish_interrupted(stage);
  if (const auto error = choose_versions(chosen, stage)) return outcome_of(*error);
  if (auto outcome = mark("unhold", step.unhold, stage); !outcome.ok()) return outcome;
  Outcome outcome;
  if (!step.install.empty() || !step.remove.empty()) {
    const auto moved = moved_since_planned(chosen, stage);
    outcome = moved ? outcome_of(*moved) : run_transaction(chosen, stage);
  }
  // A hold that was lifted for the change comes back, also when the change failed.
  if (!outcome.ok()) {
    std::vector<std::string> lifted;
    for (const auto& each : step.unhold) {
      if (std::find(step.hold.begin(), step.hold.end(), each) != step.hold.end()) lifted.push_back(each);
    }
    (void)mark("hold", lifted, stage);
    return outcome;
  }
  return mark("hold", step.hold, stage);
}

}  // namespace mlenv
