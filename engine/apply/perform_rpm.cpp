#include <algorithm>

#include "apply/package_lock.hpp"
#include "apply/perform.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

/// The lines in which the manager or rpm says what is wrong, as far as they can be told from the rest.
std::string complaint_of(const Output& output) {
  std::vector<std::string> lines;
  for (const auto* text : {&output.err, &output.out}) {
    for (const auto line : split_lines(*text)) {
      const auto trimmed = trim(line);
      const bool telling = trimmed.starts_with("Error:") || trimmed.starts_with("No match for argument") ||
                           trimmed.starts_with("Problem") || trimmed.starts_with("error:") ||
                           trimmed.starts_with("No provider of") || trimmed.starts_with("nothing provides") ||
                           trimmed.starts_with("Failed to") || trimmed.ends_with("not found.") ||
                           trimmed.find(" is needed by (installed) ") != std::string_view::npos;
      constexpr std::size_t most = 4;
      if (telling && lines.size() < most) lines.emplace_back(trimmed);
    }
  }
  return join(lines, "; ");
}

bool names_nothing(const std::string& complaint) {
  for (const char* sign :
       {"No match for argument", "No provider of", "not found", "Unable to find a match"}) {
    if (complaint.find(sign) != std::string::npos) return true;
  }
  return false;
}

/// zypper(8), EXIT CODES: done, and a reboot, a restart of zypper or a repository left out is told as well.
bool is_done(const std::string& manager, int exit_code) {
  return manager == "zypper" && (exit_code == 102 || exit_code == 103 || exit_code == 106);
}

Outcome run(std::vector<std::string> argv, const std::string& manager, Stage& stage) {
  PackagePatience patience(PackageLocks::rpm, stage);
  if (const auto trouble = patience.wait()) return outcome_of(*trouble);
  Output output;
  // What is said is looked for in English.
  auto outcome = run_program(
      {std::move(argv), of_the_system({{"LC_ALL", "C.UTF-8"}}), Privilege::root, {}, true}, stage, &output);
  if (!outcome.ok() && is_done(manager, outcome.exit_code)) return {};
  if (outcome.ok() || outcome.exit_code == 0) return outcome;
  const auto complaint = complaint_of(output);
  if (complaint.empty()) return outcome;
  if (names_nothing(complaint)) {
    outcome.error = Error{"rpm.no-candidate", complaint, {}};
  } else {
    outcome.error = Error{"rpm.failed", complaint, {}};
  }
  return outcome;
}

/// What the manager has fetched may be older than what is wanted: fetched anew, it is tried once more.
Outcome run_with_fresh_metadata(const RpmTransaction& step, Stage& stage) {
  auto outcome = run(step_command(Step(step)), step.manager, stage);
  if (outcome.ok() || outcome.error->code != "rpm.no-candidate") return outcome;
  if (stage.lines) stage.lines("fetching what the repositories hold and trying again");
  const bool zypper = step.manager == "zypper";
  (void)run(zypper ? std::vector<std::string>{"zypper", "--non-interactive", "refresh"}
                   : std::vector<std::string>{step.manager, "-y", "--refresh", "makecache"},
            step.manager, stage);
  outcome = run(step_command(Step(step)), step.manager, stage);
  if (outcome.ok() || outcome.error->code != "rpm.no-candidate") return outcome;
  const bool exact = std::any_of(step.packages.begin(), step.packages.end(),
                                 [](const RpmItem& item) { return !item.version.empty(); });
  outcome.error->hint =
      !exact   ? "is it called so on this distribution? `names:` gives it another name there"
      : zypper ? "`zypper search -s NAME` shows which versions there are"
               : "`" + step.manager + " --showduplicates list NAME` shows which versions there are";
  return outcome;
}

}  // namespace

Outcome perform_step(const RpmTransaction& step, Stage& stage) {
  if (step.verb == RpmTransaction::Verb::take_back) {
    // The managers would take along whatever needs it; rpm says whether something does.
    if (auto outcome = run(removal_trial(step), "rpm", stage); !outcome.ok()) return outcome;
  }
  const bool brings =
      step.verb == RpmTransaction::Verb::install || step.verb == RpmTransaction::Verb::upgrade;
  return brings ? run_with_fresh_metadata(step, stage) : run(step_command(Step(step)), step.manager, stage);
}

}  // namespace mlenv
