#include "apply/pip_failure.hpp"
#include "apply/python_tools.hpp"

namespace mlenv {
namespace {

using Words = std::vector<std::string>;

/// uv's own words for what the step asks of pip.
Words uv_install(const std::string& uv, const PipInstall& step) {
  const auto& source = step.source;
  Words words = {uv, "pip", "install", "--python", step.prefix + "/bin/python"};
  if (!step.upgrade.empty()) words.emplace_back("--upgrade");
  if (step.reinstall) words.insert(words.end(), {"--reinstall", "--no-deps"});
  if (source.pre) words.insert(words.end(), {"--prerelease", "allow"});
  if (source.no_index) words.emplace_back("--no-index");
  if (!source.index_url.empty()) words.insert(words.end(), {"--index-url", source.index_url});
  for (const auto& url : source.extra_index_urls) words.insert(words.end(), {"--extra-index-url", url});
  for (const auto& link : source.find_links) words.insert(words.end(), {"--find-links", link});
  words.emplace_back("--");
  words.insert(words.end(), step.requirements.begin(), step.requirements.end());
  return words;
}

/// pip unpacks below TMPDIR, and wheels of frameworks are larger than many a /tmp: then it is a folder of the venv,
/// for the time of the call.
class RoomyTemp {
 public:
  RoomyTemp(const std::string& prefix, Privilege privilege, Stage& stage) : stage_(stage), privilege_(privilege) {
    if (prefix.empty() || stage.environment.count("TMPDIR") != 0) return;
    path_ = prefix + "/.mlenvctl-tmp";
    static_cast<void>(stage.writer.remove(path_, Depth::tree, privilege));
    if (!stage.writer.make_directory(path_, 0700, {}, privilege)) path_.clear();
  }
  ~RoomyTemp() {
    if (!path_.empty()) static_cast<void>(stage_.writer.remove(path_, Depth::tree, privilege_));
  }
  RoomyTemp(const RoomyTemp&) = delete;
  RoomyTemp& operator=(const RoomyTemp&) = delete;

  const std::string& path() const { return path_; }

 private:
  Stage& stage_;
  Privilege privilege_;
  std::string path_;
};

/// The step's own command, with the user's python3 by its path.
Words pip_words(const Step& step, const std::string& prefix, const Stage& stage) {
  auto words = step_command(step);
  if (prefix.empty()) words.front() = user_python(stage);
  return words;
}

Outcome run_installer(Words words, const std::string& prefix, Privilege privilege, Stage& stage) {
  const RoomyTemp temp(prefix, privilege, stage);
  Command command{std::move(words), python_variables(prefix), privilege};
  if (!temp.path().empty()) command.env["TMPDIR"] = temp.path();
  Output output;
  auto outcome = run_program(command, stage, &output);
  if (!outcome.ok() && outcome.exit_code != 0) outcome.error = explain_pip_failure(output, python_version(prefix, stage));
  return outcome;
}

}  // namespace

Outcome perform_step(const PipInstall& step, Stage& stage) {
  const auto uv = step.prefix.empty() ? Result(std::optional<std::string>()) : choose_uv(step.installer, step.prefix, stage);
  if (!uv) return outcome_of(uv.error());
  if (!*uv) {
    if (auto outcome = bring_pip(step.prefix, step.privilege, stage); !outcome.ok()) return outcome;
  }
  auto words = *uv ? uv_install(**uv, step) : pip_words(step, step.prefix, stage);
  auto outcome = run_installer(std::move(words), step.prefix, step.privilege, stage);
  return outcome.ok() ? record_latest(step.prefix, step.upgrade, step.privilege, stage) : outcome;
}

Outcome perform_step(const PipUninstall& step, Stage& stage) {
  const auto uv = step.prefix.empty() ? Result(std::optional<std::string>()) : choose_uv(step.installer, step.prefix, stage);
  if (!uv) return outcome_of(uv.error());
  if (!*uv) {
    if (auto outcome = bring_pip(step.prefix, step.privilege, stage); !outcome.ok()) return outcome;
    return run_installer(pip_words(step, step.prefix, stage), step.prefix, step.privilege, stage);
  }
  Words words = {**uv, "pip", "uninstall", "--python", step.prefix + "/bin/python", "--"};
  words.insert(words.end(), step.names.begin(), step.names.end());
  return run_installer(std::move(words), step.prefix, step.privilege, stage);
}

}  // namespace mlenv
