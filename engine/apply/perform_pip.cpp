#include <algorithm>

#include "apply/python_tools.hpp"
#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "forecast/pip_failure.hpp"
#include "forecast/wheel_pool.hpp"
#include "resource/uv.hpp"

namespace mlenv {
namespace {

/// A folder in the venv for the time of one call. pip unpacks below TMPDIR, and wheels of frameworks are
/// larger than many a /tmp.
class CallFolder {
 public:
  CallFolder(const std::string& prefix, Privilege privilege, Stage& stage)
      : stage_(stage), privilege_(privilege) {
    if (prefix.empty()) return;
    path_ = prefix + "/.mlenvctl-tmp";
    if (exists(stage.reader, path_)) static_cast<void>(stage.writer.remove(path_, Depth::tree, privilege));
    if (!stage.writer.make_directory(path_, 0700, {}, privilege)) path_.clear();
  }
  ~CallFolder() {
    if (!path_.empty()) static_cast<void>(stage_.writer.remove(path_, Depth::tree, privilege_));
  }
  CallFolder(const CallFolder&) = delete;
  CallFolder& operator=(const CallFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  Stage& stage_;
  Privilege privilege_;
  std::string path_;
};

/// What is installed as declared now is what the resolver has to leave so.
std::vector<std::string> met_already(const PipInstall& step, const Stage& stage) {
  std::vector<std::string> met;
  for (const auto& each : step.keep) {
    const auto requirement = PepRequirement::parse(each);
    if (!requirement) continue;
    const auto installed = installed_version(step.prefix, requirement->canonical_name(), stage);
    const auto version = PepVersion::parse(installed.value_or(""));
    if (version && requirement->specifiers.contains(*version)) met.push_back(each);
  }
  return met;
}

Outcome write_constraints(const PipInstall& step, Stage& stage) {
  if (step.keep.empty()) return {};
  const auto text = join(step.keep, "\n") + "\n";
  return outcome_of(
      stage.writer.write_file({constraints_path(step), text, std::nullopt, {}, step.privilege}));
}

/// Requirements that are addresses with credentials go by a file of the caller's own: what a program is
/// called with, everybody on the machine can see.
Outcome hide_requirements(std::vector<std::string>& words, const std::string& folder, Privilege privilege,
                          Stage& stage) {
  const auto wanted = std::find(words.begin(), words.end(), "--");
  const auto hidden =
      std::stable_partition(wanted, words.end(), [](const auto& each) { return !holds_credentials(each); });
  if (hidden == words.end() || folder.empty()) return {};
  const auto path = folder + "/requirements.txt";
  const auto text = join({hidden, words.end()}, "\n") + "\n";
  words.erase(hidden, words.end());
  words.insert(std::find(words.begin(), words.end(), "--"), {"-r", path});
  return outcome_of(stage.writer.write_file({path, text, 0600, {}, privilege}));
}

/// `idna==3.6 --hash=sha256:…` for each wheel of a call whose wheels are all at hand, where all of them were
/// asked for: there is nothing to resolve then. What comes along would count as asked for too.
std::vector<std::string> hashed_requirements(const PipInstall& call) {
  std::vector<std::string> lines, asked;
  if (call.installer != "pip" || call.prefix.empty() || call.reinstall) return lines;
  for (const auto& each : call.requirements) {
    const auto requirement = PepRequirement::parse(each);
    if (!requirement || !requirement->extras.empty()) return {};
    asked.push_back(requirement->canonical_name());
  }
  for (const auto& wheel : call.expected) {
    if (wheel.sha256.empty() || std::find(asked.begin(), asked.end(), wheel.name) == asked.end()) return {};
    lines.push_back(wheel.name + "==" + wheel.version + " --hash=sha256:" + wheel.sha256);
  }
  return lines;
}

/// Has pip install just these files, and refuse others under their names.
Outcome hold_to_hashes(std::vector<std::string>& words, const std::vector<std::string>& lines,
                       const std::string& folder, Privilege privilege, Stage& stage) {
  const auto path = folder + "/hashed.txt";
  words.erase(std::find(words.begin(), words.end(), "--"), words.end());
  words.insert(words.end(), {"--no-deps", "--require-hashes", "-r", path});
  return outcome_of(stage.writer.write_file({path, join(lines, "\n") + "\n", 0600, {}, privilege}));
}

Outcome run_installer(const Step& step, const std::string& prefix, const std::string& temp, Stage& stage,
                      const PlanningPip& pip = {}, const std::vector<std::string>& hashed = {}) {
  auto words = found_program(step_command(step), step_privilege(step), stage);
  if (!words) return outcome_of(words.error());
  const auto* call = std::get_if<PipInstall>(&step);
  if (call != nullptr && call->installer == "pip" && !compiles_at_once(call->privilege, stage.facts.user.uid))
    words->insert(words->begin() + 4, "--no-compile");
  Command command{std::move(*words), python_variables(prefix, stage), step_privilege(step)};
  hide_addresses(command.argv, command.env);
  if (!hashed.empty()) {
    if (auto outcome = hold_to_hashes(command.argv, hashed, temp, command.privilege, stage); !outcome.ok())
      return outcome;
  }
  if (auto outcome = hide_requirements(command.argv, temp, command.privilege, stage); !outcome.ok())
    return outcome;
  if (!pip.path.empty()) command.env["PYTHONPATH"] = pip.path;
  if (!pip.path.empty() && !pip.compiles) command.env["PYTHONDONTWRITEBYTECODE"] = "1";
  if (!temp.empty() && stage.environment.count("TMPDIR") == 0) command.env["TMPDIR"] = temp;
  Output output;
  auto outcome = run_program(command, stage, &output);
  if (!outcome.ok() && outcome.exit_code != 0)
    outcome.error = explain_pip_failure(output, python_version(prefix, stage));
  return outcome;
}

}  // namespace

bool is_fetched(const std::vector<Wheel>& wheels, Privilege privilege, const Stage& stage) {
  if (wheels.empty() || stage.fetching == nullptr) return false;
  const auto& pool = stage.fetching->python.of(privilege).wheels;
  return std::all_of(wheels.begin(), wheels.end(),
                     [&](const Wheel& wheel) { return is_pooled(stage.reader, pool, wheel); });
}

Outcome perform_step(const PipInstall& step, Stage& stage) {
  if (const auto error = not_roots(step.prefix, step.privilege, stage)) return outcome_of(*error);
  const auto shared = shared_pip(step, stage);
  if (step.installer == "pip" && !shared) {
    if (auto outcome = bring_pip(step.prefix, step.privilege, stage); !outcome.ok()) return outcome;
  }
  const CallFolder folder(step.prefix, step.privilege, stage);
  auto now = step;
  now.keep = met_already(step, stage);
  std::vector<std::string> hashed;
  if (is_fetched(now.expected, now.privilege, stage)) {
    now = pooled_call(now, stage.fetching->python.of(now.privilege).wheels);
    if (!folder.path().empty()) hashed = hashed_requirements(now);
    if (!hashed.empty()) now.keep.clear();
  } else if (stage.fetching != nullptr && stage.fetching->offline) {
    now.source = pooled_source(stage.reader, stage.fetching->python.of(now.privilege).wheels);
  }
  if (auto outcome = write_constraints(now, stage); !outcome.ok()) return outcome;
  auto outcome =
      run_installer(now, step.prefix, folder.path(), stage, shared.value_or(PlanningPip()), hashed);
  return outcome.ok() ? record_latest(step.prefix, step.upgrade, step.privilege, stage) : outcome;
}

Outcome perform_step(const PipUninstall& step, Stage& stage) {
  if (const auto error = not_roots(step.prefix, step.privilege, stage)) return outcome_of(*error);
  if (step.installer == "pip") {
    if (auto outcome = bring_pip(step.prefix, step.privilege, stage); !outcome.ok()) return outcome;
  }
  return run_installer(step, step.prefix, {}, stage);
}

}  // namespace mlenv
