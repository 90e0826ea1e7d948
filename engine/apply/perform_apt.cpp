#include <algorithm>
#include <thread>
#include <utility>

#include "apply/apt_program.hpp"
#include "apply/perform.hpp"
#include "base/deb_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

/// The versions of a package that apt can install, newest first.
/// `apt-cache madison` prints `name | version | source`, those of source packages too.
Result<std::vector<DebVersion>> known_versions(const std::string& name, Stage& stage) {
  const Command command{{"apt-cache", "madison", "--", name}, {{"LC_ALL", "C.UTF-8"}}, Privilege::user, {}};
  const auto result = stage.writer.run(command, {});
  if (!result) return result.error();
  std::vector<DebVersion> versions;
  for (const auto line : split_lines(result->out)) {
    const auto fields = split(line, '|');
    if (fields.size() < 3 || trim(fields[2]).ends_with(" Sources")) continue;
    const auto version = DebVersion::parse(trim(fields[1]));
    if (version && std::find(versions.begin(), versions.end(), *version) == versions.end())
      versions.push_back(*version);
  }
  std::sort(versions.begin(), versions.end(),
            [](const auto& left, const auto& right) { return right < left; });
  return versions;
}

/// What apt knows instead of the wanted version: the nearest few, newest first.
std::string nearest_versions(const std::vector<DebVersion>& versions,
                             const std::optional<DebVersion>& wanted) {
  if (versions.empty()) return "apt knows no package of that name; is its repository declared?";
  constexpr std::ptrdiff_t each_side = 2;
  auto at = std::find_if(versions.begin(), versions.end(),
                         [&](const auto& version) { return wanted && version < *wanted; });
  if (!wanted) at = versions.begin();
  const auto first = at - std::min(each_side, at - versions.begin());
  const auto last = at + std::min(each_side, versions.end() - at);
  std::vector<std::string> names;
  for (auto version = first; version != last; ++version) names.push_back(version->str());
  return "apt knows: " + join(names, ", ");
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
  if (complaint.find("Could not get lock") != std::string::npos) {
    return {"apt.locked", complaint, "another program of apt's is at work; apply again when it is done"};
  }
  if (index_is_old(complaint)) return {"apt.no-candidate", complaint, known_instead(step, stage)};
  return {"apt.failed", complaint.empty() ? outcome.error->message : complaint, {}};
}

/// An index that is old is updated once; what passes by itself (a mirror in the middle of its own update) is
/// tried again, with the index of then.
Outcome run_transaction(const AptTransaction& step, Stage& stage) {
  constexpr int attempts = 3;
  for (int count = 1;; ++count) {
    Output output;
    auto outcome = run_apt(step_command(Step(step)), stage, &output);
    if (outcome.ok()) return outcome;
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

}  // namespace

Outcome perform_step(const AptTransaction& step, Stage& stage) {
  auto chosen = step;
  if (step.configure_first) {
    auto outcome = run_apt({"dpkg", "--configure", "-a", "--force-confdef", "--force-confold"}, stage);
    // What cannot be configured alone may need what the transaction brings; apt says so if not.
    if (!outcome.ok() && step.install.empty() && step.remove.empty()) return outcome;
  }
  if (const auto error = choose_versions(chosen, stage)) return outcome_of(*error);
  if (auto outcome = mark("unhold", step.unhold, stage); !outcome.ok()) return outcome;
  Outcome outcome;
  if (!step.install.empty() || !step.remove.empty()) outcome = run_transaction(chosen, stage);
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
