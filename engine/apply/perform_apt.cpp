#include <algorithm>

#include "apply/apt_program.hpp"
#include "apply/perform.hpp"
#include "base/deb_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

/// The newest version that apt can install and that satisfies the item's comparison.
/// `apt-cache madison` prints `name | version | source`, newest first.
Result<std::string> version_for(const AptItem& item, Stage& stage) {
  const auto constraint = DebConstraint::parse(item.constraint);
  Output output;
  const Command command{
      {"apt-cache", "madison", "--", item.name}, {{"LC_ALL", "C.UTF-8"}}, Privilege::user, {}};
  const auto result = stage.writer.run(command, {});
  if (!result) return result.error();
  std::vector<std::string> seen;
  std::optional<DebVersion> best;
  for (const auto line : split_lines(result->out)) {
    const auto fields = split(line, '|');
    const auto version = fields.size() > 1 ? DebVersion::parse(trim(fields[1])) : std::nullopt;
    if (!version) continue;
    seen.push_back(version->str());
    if (constraint && constraint->allows(*version) && (!best || *best < *version)) best = version;
  }
  if (best) return best->str();
  return Error{"apt.no-candidate", "no version of `" + item.name + "` satisfies `" + item.constraint + "`",
               seen.empty() ? "apt knows no package of that name" : "apt knows: " + join(seen, ", ")};
}

std::optional<Error> choose_versions(AptTransaction& step, Stage& stage) {
  for (auto& item : step.install) {
    if (item.constraint.empty()) continue;
    auto version = version_for(item, stage);
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

Error explained(const Outcome& outcome, const std::string& complaint) {
  if (complaint.find("Could not get lock") != std::string::npos) {
    return {"apt.locked", complaint, "another program of apt's is at work; apply again when it is done"};
  }
  if (index_is_old(complaint)) {
    return {"apt.no-candidate", complaint,
            "`apt-cache policy NAME` shows what apt can install; is its repository declared?"};
  }
  return {"apt.failed", complaint.empty() ? outcome.error->message : complaint, {}};
}

Outcome run_transaction(const AptTransaction& step, Stage& stage) {
  Output output;
  auto outcome = run_apt(step_command(Step(step)), stage, &output);
  if (outcome.ok()) return outcome;
  auto complaint = apt_complaint(output, false);
  if (index_is_old(complaint) && !step.install.empty()) {
    if (stage.lines) stage.lines("the package index is old; updating it");
    if (run_apt({"apt-get", "update"}, stage).ok()) {
      output = {};
      outcome = run_apt(step_command(Step(step)), stage, &output);
      complaint = apt_complaint(output, false);
    }
  }
  if (!outcome.ok()) outcome.error = explained(outcome, complaint);
  return outcome;
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
