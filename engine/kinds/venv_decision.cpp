#include "kinds/venv_decision.hpp"

#include "base/text.hpp"
#include "resource/python_wish.hpp"

namespace mlenv {
namespace {

/// The minor version that an interpreter's own file name tells: `/usr/bin/python3.10` -> `3.10`.
std::string minor_of_file(const std::string& interpreter) {
  const auto name = interpreter.substr(interpreter.rfind('/') + 1);
  constexpr std::string_view program = "python3.";
  return name.starts_with(program) ? python_minor(name.substr(program.size() - 2)) : std::string();
}

/// A version manager's shim is a script, so where it leads cannot be read from links.
bool is_script(const HostReader& host, const std::string& path) {
  constexpr std::uint64_t longest_script = 65536;
  const auto stat = host.stat(path, Links::follow);
  if (!stat || !*stat || (*stat)->size > longest_script) return false;
  const auto text = host.read_file(path);
  return text && *text && (*text)->starts_with("#!");
}

/// Why a venv that stands there has to be made anew; empty when it need not.
std::string decay(const VenvSpec& want, const VenvState& have, const ProbeScope& scope) {
  if (have.config.empty()) return "its pyvenv.cfg is gone";
  if (have.interpreter.empty()) {
    const auto link = scope.host.read_link(want.path.text + "/bin/python");
    const bool broken_link = link && *link;
    return broken_link ? "its interpreter is gone: bin/python leads nowhere" : "it has no bin/python";
  }
  const auto now = minor_of_file(have.interpreter);
  const auto made_with = python_minor(have.version);
  if (!now.empty() && !made_with.empty() && now != made_with) {
    return "its interpreter is Python " + now + " now, it was made with " + made_with;
  }
  const auto wish = PythonWish::parse(want.python);
  if (!wish) return {};
  if (!wish->allows(have.version)) return "it has Python " + have.version + ", wanted is " + want.python;
  const auto asked = wish->path().empty() ? std::nullopt : resolve_links(scope.host, wish->path());
  if (asked && *asked != have.interpreter && !is_script(scope.host, *asked)) {
    return "it was made with " + have.interpreter + ", wanted is " + want.python;
  }
  return {};
}

/// Why its pip has to change; empty when it need not.
std::string pip_trouble(const VenvSpec& want, const VenvState& have, const ProbeScope& scope) {
  if (want.pip.empty()) return {};
  if (!have.pip) return "pip is not installed in it";
  const auto version = PepVersion::parse(*have.pip);
  if (want.pip != "latest") {
    const auto specifiers = pip_specifiers(want.pip);
    const bool fits = version && specifiers && specifiers->contains(*version);
    return fits ? "" : "it has pip " + *have.pip + ", wanted is " + want.pip;
  }
  if (scope.upgrade) return "the newest pip is looked up anew";
  const auto newest = PepVersion::parse(have.newest_pip);
  if (!newest) return "the newest pip has not been looked up yet";
  return version && !(*version < *newest) ? ""
                                          : "it has pip " + *have.pip + ", the newest was " + have.newest_pip;
}

std::string yes_or_no(bool value) { return value ? "true" : "false"; }

std::string wanted_pip(const VenvSpec& want) {
  if (want.pip.empty() || want.pip == "latest") return want.pip;
  return pip_specifiers(want.pip)->str();
}

/// The Python to make the venv with, as far as it is there already.
std::optional<Python> interpreter_for(const PythonWish& wish, const ProbeScope& scope) {
  auto chosen = choose_python(scope.facts.pythons, wish);
  if (!chosen && !wish.path().empty() && exists(scope.host, wish.path())) chosen = Python{wish.path(), ""};
  return chosen;
}

bool is_brought(const VenvSpec& want, const ProbeScope& scope) {
  for (const auto& name : want.python_packages) {
    if (is_pending(scope.upstream("apt_package." + name))) return true;
  }
  return false;
}

/// What will keep the venv from being made, as far as that can be seen beforehand.
void foresee_trouble(Decision& decision, const VenvSpec& want, const std::optional<Python>& python,
                     const ProbeScope& scope) {
  if (is_brought(want, scope)) return;
  if (!python) {
    decision.findings.push_back({"venv.no-python",
                                 "no Python for `" + want.name + "` is installed: wanted is " +
                                     (want.python.empty() ? "python3" : want.python) + ", there is " +
                                     python_list(scope.facts.pythons),
                                 "declare what brings it, such as `apt_package: [python3, python3-venv]`"});
    return;
  }
  const auto base = base_prefix(scope.host, python->path);
  const auto minor = python_minor(python->version);
  const auto library = base + "/lib/python" + minor;
  const bool judged = base == "/usr" && choose_installer(want.installer, want.path.text, scope) == "pip" &&
                      exists(scope.host, library);
  if (!judged || exists(scope.host, library + "/ensurepip")) return;
  decision.findings.push_back({"venv.no-ensurepip",
                               python->path + " cannot make venvs: its ensurepip is missing",
                               "declare `apt_package: python" + minor + "-venv` (or `python3-venv`)"});
}

Decision make(const VenvSpec& want, const VenvState& have, Action action, std::string because,
              const ProbeScope& scope) {
  const auto wish = PythonWish::parse(want.python).value_or(PythonWish());
  const auto python = interpreter_for(wish, scope);
  Decision decision{action, std::move(because), {}, {}, {}};
  if (!python) decision.because += "; a Python that fits is looked for when it is made";
  auto& differences = decision.differences;
  const auto before = [&](std::string value) {
    return have.place == VenvPlace::venv && !value.empty() ? std::optional(std::move(value)) : std::nullopt;
  };
  differences.push_back({"path", before(want.path.text), want.path.text});
  if (action == Action::create) differences.back().before.reset();
  if (differences.back().before == differences.back().after) differences.pop_back();
  std::string after =
      python ? python->version.empty() ? python->path : python->version + " (" + python->path + ")"
             : (want.python.empty() ? "python3" : want.python);
  differences.push_back({"python", before(have.version), std::move(after)});
  const auto sites = yes_or_no(want.system_site_packages);
  const bool same_sites = action == Action::replace && have.system_site_packages == want.system_site_packages;
  if (!same_sites)
    differences.push_back({"system_site_packages", before(yes_or_no(have.system_site_packages)), sites});
  if (!want.pip.empty()) differences.push_back({"pip", have.pip, want.pip});
  decision.steps.push_back(MakeVenv{want.path.text, python ? python->path : wish.program(), want.python,
                                    want.system_site_packages, wanted_pip(want),
                                    choose_installer(want.installer, want.path.text, scope),
                                    privilege_at(want.path.text, scope)});
  foresee_trouble(decision, want, python, scope);
  return decision;
}

/// A person's turn: what stands there is not mlenvctl's.
Decision hands_off(const VenvSpec& want, std::string because, std::string remedy) {
  Decision decision{Action::manual, std::move(because), {}, {}, {}};
  decision.findings.push_back(
      {"venv.not-ours", "`" + want.path.text + "`: " + decision.because, std::move(remedy)});
  return decision;
}

Decision diff_absent(const VenvSpec& want, const VenvState& have, const ProbeScope& scope) {
  if (have.place == VenvPlace::absent || have.place == VenvPlace::empty) return {};
  if (!have.made) {
    return hands_off(want, "mlenvctl did not make what stands there, so it does not remove it",
                     "remove it by hand when it is not needed: `rm -r " + shell_word(want.path.text) + "`");
  }
  return {Action::remove,
          "declared absent",
          {{"path", want.path.text, std::nullopt}},
          {RemovePath{want.path.text, true, privilege_at(want.path.text, scope)}},
          {}};
}

/// A venv that serves, but not quite as declared: changed in place, its packages stay.
Decision adjust(const VenvSpec& want, const VenvState& have, const ProbeScope& scope) {
  Decision decision;
  std::vector<std::string> reasons;
  const auto& path = want.path.text;
  const auto privilege = privilege_at(path, scope);
  if (have.system_site_packages != want.system_site_packages) {
    reasons.emplace_back(want.system_site_packages ? "it does not see the system's packages"
                                                   : "it sees the system's packages");
    decision.differences.push_back(
        {"system_site_packages", yes_or_no(have.system_site_packages), yes_or_no(want.system_site_packages)});
    WriteFile config{venv_config_path(path),
                     with_system_site_packages(have.config, want.system_site_packages)};
    config.privilege = privilege;
    decision.steps.emplace_back(std::move(config));
  }
  if (auto trouble = pip_trouble(want, have, scope); !trouble.empty()) {
    reasons.push_back(std::move(trouble));
    decision.differences.push_back({"pip", have.pip, want.pip == "latest" ? "the newest" : want.pip});
    PipInstall install{path};
    install.requirements = {"pip" + (want.pip == "latest" ? "" : wanted_pip(want))};
    if (want.pip == "latest") install.upgrade = install.requirements;
    install.installer = choose_installer(want.installer, path, scope);
    install.privilege = privilege;
    decision.steps.emplace_back(std::move(install));
  }
  decision.because = join(reasons, "; ");
  decision.action = reasons.empty() ? Action::none : Action::update;
  return decision;
}

Decision decide(const VenvSpec& want, const VenvState& have, const ProbeScope& scope) {
  if (want.state == Presence::absent) return diff_absent(want, have, scope);
  if (have.place == VenvPlace::absent) return make(want, have, Action::create, "there is no venv yet", scope);
  if (have.place == VenvPlace::empty) return make(want, have, Action::create, "the folder is empty", scope);
  if (have.place == VenvPlace::foreign) {
    return hands_off(want, "something that is no venv stands there, and mlenvctl does not overwrite it",
                     "move it out of the way, or give the venv another `path`");
  }
  const auto reason = decay(want, have, scope);
  if (reason.empty()) return adjust(want, have, scope);
  if (have.made) return make(want, have, Action::replace, reason, scope);
  return hands_off(want, reason + "; mlenvctl did not make it, so it does not replace it",
                   "move it away (`mv " + shell_word(want.path.text) + " " +
                       shell_word(want.path.text + ".old") +
                       "`) and run again, or give the venv another `path`");
}

/// What a killed run has left goes first. The making of a venv sees to that itself.
void add_tidying(Decision& decision, const VenvSpec& want, const VenvState& have, const ProbeScope& scope) {
  const bool makes = decision.action == Action::create || decision.action == Action::replace;
  if (have.left.empty() || makes || decision.action == Action::manual) return;
  std::vector<Step> steps;
  for (const auto& path : have.left) {
    steps.push_back(RemovePath{path, true, privilege_at(want.path.text, scope)});
    decision.differences.push_back({"left by a killed run", path, std::nullopt});
  }
  decision.steps.insert(decision.steps.begin(), steps.begin(), steps.end());
  if (decision.action != Action::none) return;
  decision.action = Action::update;
  decision.because = "a run that was killed has left `" + have.left.front() + "`";
}

}  // namespace

std::optional<PepSpecifierSet> pip_specifiers(const std::string& text) {
  if (PepVersion::parse(text)) return PepSpecifierSet::parse("==" + text);
  return PepSpecifierSet::parse(text);
}

Decision decide_venv(const VenvSpec& want, const VenvState& have, const ProbeScope& scope) {
  auto decision = decide(want, have, scope);
  add_tidying(decision, want, have, scope);
  return decision;
}

}  // namespace mlenv
