#include <algorithm>
#include <utility>

#include "apply/finish_venv.hpp"
#include "apply/python_tools.hpp"
#include "base/text.hpp"
#include "forecast/bundled_wheels.hpp"
#include "forecast/pip_failure.hpp"
#include "forecast/wheel_pool.hpp"
#include "resource/python_site.hpp"
#include "resource/python_wish.hpp"

namespace mlenv {
namespace {

/// The making of one venv: beside its place, so that what is there serves until the new one is whole.
class VenvBuild {
 public:
  VenvBuild(const MakeVenv& step, Stage& stage)
      : step_(step), stage_(stage), fresh_(step.path + ".mlenvctl-new"), old_(step.path + ".mlenvctl-old") {}

  Outcome run() {
    if (const auto error = not_roots(step_.path, step_.privilege, stage_)) return outcome_of(*error);
    auto outcome = tidy_up();
    if (outcome.ok()) outcome = prepare();
    // One Python makes and finishes it where nothing has to come between.
    const bool at_once = !wheels_.empty() && !brings_pip_ && step_.installer != "uv";
    if (outcome.ok() && !at_once) outcome = make();
    if (outcome.ok() && brings_pip_) outcome = run_pip();
    if (outcome.ok()) outcome = finish(at_once ? python_ : std::string());
    if (outcome.ok()) outcome = mark();
    if (outcome.ok()) return swap();
    static_cast<void>(remove(fresh_));
    return outcome;
  }

 private:
  Outcome tidy_up();
  Result<std::string> interpreter() const;
  void find_wheels();
  Outcome prepare();
  Result<std::vector<std::string>> command();
  Outcome make();
  Outcome run_pip();
  Outcome finish(const std::string& maker);
  std::string kept_wheels();
  Outcome mark();
  Outcome swap();

  Outcome remove(const std::string& path) {
    return outcome_of(stage_.writer.remove(path, Depth::tree, step_.privilege));
  }
  Outcome rename(const std::string& from, const std::string& to) {
    return outcome_of(stage_.writer.rename(from, to, step_.privilege));
  }
  bool is_there(const std::string& path) const {
    const auto stat = stage_.reader.stat(path, Links::keep);
    return stat && stat->has_value();
  }

  const MakeVenv& step_;
  Stage& stage_;
  std::string fresh_;
  std::string old_;
  std::string temporary_ = step_.path + ".mlenvctl-tmp";
  std::string python_;               ///< that it is made with, by path
  std::vector<std::string> wheels_;  ///< to be unpacked into it, pip's first
  bool brings_pip_ = false;          ///< the pip that is wanted comes by another one
};

/// Puts right what a killed run has left, and makes sure that nothing of somebody else's is in the way.
Outcome VenvBuild::tidy_up() {
  if (!is_there(step_.path) && is_there(old_)) {
    if (auto outcome = rename(old_, step_.path); !outcome.ok()) return outcome;
  }
  for (const auto& left : {fresh_, old_, temporary_}) {
    if (!is_there(left)) continue;
    if (auto outcome = remove(left); !outcome.ok()) return outcome;
  }
  const auto stat = stage_.reader.stat(step_.path, Links::keep);
  if (!stat) return outcome_of(stat.error());
  if (!*stat) return {};
  const auto entries = stage_.reader.list(step_.path);
  if (!entries) return outcome_of(entries.error());
  const auto marker = read_marker(stage_.reader, marker_path(step_.path, {}));
  if (!marker) return outcome_of(marker.error());
  const bool ours = *marker && (*marker)->made;
  if (ours || ((*stat)->type == FileType::directory && entries->empty())) return {};
  return outcome_of(Error{"venv.not-ours", "`" + step_.path + "` holds something that mlenvctl did not make",
                          "move it out of the way, or give the venv another `path`"});
}

/// The Python chosen when the plan was made, or the one that has come since.
Result<std::string> VenvBuild::interpreter() const {
  if (step_.interpreter.starts_with("/") && exists(stage_.reader, step_.interpreter))
    return step_.interpreter;
  const auto wish = PythonWish::parse(step_.specifier).value_or(PythonWish());
  if (const auto python = choose_python(stage_.facts.pythons, wish)) return python->path;
  if (!wish.path().empty() && exists(stage_.reader, wish.path())) return wish.path();
  return Error{"venv.no-python",
               "no Python fits: wanted is " + (step_.specifier.empty() ? "python3" : step_.specifier) +
                   ", there is " + python_list(stage_.facts.pythons),
               "declare what brings it, such as `apt_package: [python3, python3-venv]`"};
}

Outcome explain(Outcome outcome, const Output& output, const std::string& python) {
  const auto printed =
      replace_all(output.out + output.err, "\n", " ");  // its sentences are broken into lines
  const auto says = [&](const char* words) { return printed.find(words) != std::string::npos; };
  if (!says("ensurepip is not available") && !says("No module named ensurepip") &&
      !says("No module named venv")) {
    return outcome;
  }
  const auto name = python.substr(python.rfind('/') + 1);
  outcome.error = Error{"venv.no-ensurepip", "`" + python + "` cannot make venvs: its ensurepip is missing",
                        "declare `apt_package: " + name + "-venv`"};
  return outcome;
}

/// What the interpreter brings along, where that can be unpacked without its own bootstrap; of pip the one
/// that was fetched, where another is wanted.
void VenvBuild::find_wheels() {
  const auto real = resolve_links(stage_.reader, python_);
  if (!real) return;
  std::string version;
  for (const auto& each : stage_.facts.pythons) {
    if (each.path == python_) version = each.version;
  }
  wheels_ = bundled_wheels(stage_.reader, parent_path(parent_path(*real)), python_minor(version));
  if (!wheels_.empty() && step_.expected.size() == 1 && is_fetched(step_.expected, step_.privilege, stage_)) {
    const auto& pip = step_.expected.front();
    wheels_.front() = wheel_folder(stage_.fetching->python.of(step_.privilege).wheels, pip) + "/" + pip.file;
    brings_pip_ = false;
  }
}

Outcome VenvBuild::prepare() {
  auto python = interpreter();
  if (!python) return outcome_of(python.error());
  python_ = std::move(*python);
  brings_pip_ = !step_.pip.empty();
  find_wheels();
  return outcome_of(stage_.writer.make_directory(parent_path(step_.path), std::nullopt, {}, step_.privilege));
}

/// The command without pip, or (where there are no wheels to unpack) the one that brings it.
Result<std::vector<std::string>> VenvBuild::command() {
  auto shown = step_;
  shown.path = fresh_;
  shown.interpreter = python_;
  auto words = found_program(step_command(shown), step_.privilege, stage_);
  if (!words) return words;
  if (wheels_.empty()) words->erase(std::remove(words->begin(), words->end(), "--without-pip"), words->end());
  words->insert(words->end() - 1, {"--prompt", step_.path.substr(step_.path.rfind('/') + 1)});
  if (wheels_.empty() && step_.installer == "uv") words->insert(words->end() - 1, "--seed");
  return words;
}

Outcome VenvBuild::make() {
  auto words = command();
  if (!words) return outcome_of(words.error());
  Output output;
  auto variables = python_variables(fresh_, stage_);
  // ensurepip unpacks pip below TMPDIR, which may be a small file system of its own.
  const bool own = wheels_.empty() && stage_.environment.count("TMPDIR") == 0;
  if (own && stage_.writer.make_directory(temporary_, 0700, {}, step_.privilege))
    variables["TMPDIR"] = temporary_;
  auto outcome = run_program({std::move(*words), std::move(variables), step_.privilege}, stage_, &output);
  if (own) static_cast<void>(remove(temporary_));
  return outcome.ok() ? outcome : explain(std::move(outcome), output, python_);
}

/// `maker`: the interpreter that makes it first; empty where it is there.
Outcome VenvBuild::finish(const std::string& maker) {
  Output output;
  auto outcome =
      finish_venv({fresh_, step_.path, step_.privilege, kept_wheels(), maker, step_.system_site_packages},
                  wheels_, stage_, &output);
  return outcome.ok() ? outcome : explain(std::move(outcome), output, python_);
}

Outcome VenvBuild::run_pip() {
  auto brought = finish_venv({fresh_, fresh_, step_.privilege}, std::exchange(wheels_, {}), stage_);
  if (brought.ok()) brought = bring_pip(fresh_, step_.privilege, stage_);
  if (!brought.ok()) return brought;
  const bool latest = step_.pip == "latest";
  std::vector<std::string> words = {fresh_ + "/bin/python", "-m", "pip", "install"};
  if (latest) words.emplace_back("--upgrade");
  if (is_fetched(step_.expected, step_.privilege, stage_)) {
    const auto& pool = stage_.fetching->python.of(step_.privilege).wheels;
    words.emplace_back("--no-index");
    for (const auto& wheel : step_.expected) {
      words.insert(words.end(), {"--find-links", wheel_folder(pool, wheel)});
      words.push_back(wheel.name + "==" + wheel.version);
    }
  } else {
    words.push_back(latest ? "pip" : "pip" + step_.pip);
  }
  Output output;
  auto outcome =
      run_program({std::move(words), python_variables(fresh_, stage_), step_.privilege}, stage_, &output);
  if (!outcome.ok() && outcome.exit_code != 0) {
    outcome.error = explain_pip_failure(output, python_version(fresh_, stage_));
  }
  return outcome;
}

/// Root's venvs are made of nothing that a user could have changed.
std::string VenvBuild::kept_wheels() {
  if (step_.privilege == Privilege::root || stage_.fetching == nullptr) return {};
  const auto& cache = stage_.fetching->python.users.planning;
  if (cache.path.empty() || cache.privilege != step_.privilege) return {};
  const auto folder = cache.path + "/pip/unpacked";
  return stage_.writer.make_directory(folder, 0700, {}, cache.privilege) ? folder : std::string();
}

Outcome VenvBuild::mark() {
  EnvironmentMarker marker{true, {}};
  if (step_.pip == "latest") marker.latest["pip"] = installed_version(fresh_, "pip", stage_).value_or("");
  return outcome_of(stage_.writer.write_file(
      {marker_path(fresh_, {}), marker_text(marker), std::nullopt, {}, step_.privilege}));
}

Outcome VenvBuild::swap() {
  const bool replaces = is_there(step_.path);
  if (replaces) {
    if (auto outcome = rename(step_.path, old_); !outcome.ok()) return outcome;
  }
  if (auto outcome = rename(fresh_, step_.path); !outcome.ok()) {
    if (replaces) static_cast<void>(rename(old_, step_.path));
    static_cast<void>(remove(fresh_));
    return outcome;
  }
  return replaces ? remove(old_) : Outcome();
}

}  // namespace

Outcome perform_step(const MakeVenv& step, Stage& stage) { return VenvBuild(step, stage).run(); }

}  // namespace mlenv
