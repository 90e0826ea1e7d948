#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/python_environment.hpp"
#include "resource/python_wish.hpp"

namespace mlenv {
namespace {

/// A Python virtual environment.
struct Venv {
  static constexpr KindText text = {
      "venv", "A Python virtual environment.",
      "It is built beside its place and swapped in when it is whole, so that a killed run never leaves half a venv.\n"
      "`python` is a specifier (`>=3.6,<3.9`), a version (`3.8`), a name (`python3.8`) or the path of an interpreter;\n"
      "without it `python3` is taken. One that no longer starts, as after an upgrade of the system, or that has\n"
      "another Python than declared is made anew, and its packages with it. Changing `system_site_packages` keeps the\n"
      "packages.\n"
      "\n"
      "A folder that is no venv is never touched. A venv that mlenvctl did not make is used as it is; where it would\n"
      "have to be made anew or removed, a person is asked to do that.\n"
      "\n"
      "`installer` says what builds it and installs packages into it: `auto` takes uv where it is installed and\n"
      "nothing is configured for pip, else pip.",
      "- venv: torch\n"
      "  path: ~/ml/torch\n"
      "  python: \">=3.6,<3.9\"\n"
      "  system_site_packages: true\n"
      "  pip: latest\n"};

  struct Spec {
    std::string name;
    HostPath path;
    std::string python;
    bool system_site_packages = false;
    std::string pip;
    std::string installer = "auto";
    Presence state = Presence::present;
    std::vector<std::string> python_packages;  ///< apt packages of the recipe that may bring a Python
    bool operator==(const Spec& other) const {  // python_packages is the recipe's, not the declaration's
      return name == other.name && path == other.path && python == other.python && pip == other.pip &&
             system_site_packages == other.system_site_packages && installer == other.installer && state == other.state;
    }
  };

  enum class Place { absent, empty, foreign, venv };
  struct State {
    Place place = Place::absent;
    bool made = false;         ///< by mlenvctl
    std::string version;       ///< of the Python that it was made with
    std::string interpreter;   ///< bin/python with links resolved; empty when that leads nowhere
    bool system_site_packages = false;
    std::string config;        ///< text of pyvenv.cfg
    std::optional<std::string> pip;
    std::string newest_pip;    ///< when `latest` was last looked up
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields);
  static std::string resource_name(const Spec& spec) { return spec.name; }
  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope);
  static void links(Spec& spec, Resource& resource);
  static Result<State> probe(const Spec& spec, const ProbeScope& scope);
  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope);
};

void Venv::describe(Fields<Spec>& fields) {
  fields.name(&Spec::name, "the name by which packages, kernels and checks refer to it");
  fields.required("path", &Spec::path, "the folder of the venv");
  fields.optional("python", &Spec::python, "the Python to make it with: a specifier, a version or an interpreter",
                  "what `python3` is");
  fields.optional("system_site_packages", &Spec::system_site_packages, "see the system's Python packages too", "false");
  fields.optional("pip", &Spec::pip, "the version of pip in it: a specifier, or `latest`", "what the Python brings");
  fields.choice("installer", &Spec::installer, {"auto", "pip", "uv"}, "what builds it and installs packages into it",
                "auto");
}

/// `24.0` -> `==24.0`; a specifier stays one.
std::optional<PepSpecifierSet> pip_specifiers(const std::string& text) {
  if (PepVersion::parse(text)) return PepSpecifierSet::parse("==" + text);
  return PepSpecifierSet::parse(text);
}

const Span& place_of(const Declaration& declaration, std::string_view field) {
  for (const auto& [key, value] : declaration.body) {
    if (key.text == field) return value.span;
  }
  return declaration.where;
}

void Venv::inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
  if (spec.name.find_first_of("/ \t") != std::string::npos || spec.name == "user") {
    scope.diagnostics.error("recipe.value", "the name of a venv holds no `/` and no spaces and is not `user`, found `" +
                            spec.name + "`", name.span);
  }
  const auto symbolic = [&](const std::string& text) {
    return scope.facts == nullptr && text.find("<facts.") != std::string::npos;
  };
  if (spec.python.starts_with("~/")) spec.python = join_path(scope.user.home, spec.python.substr(2));
  if (!symbolic(spec.python) && !PythonWish::parse(spec.python)) {
    scope.diagnostics.error("recipe.value", "expected a Python such as `>=3.6,<3.9`, `3.8`, `python3.8` or the path of an "
                            "interpreter, found `" + spec.python + "`", place_of(declaration, "python"));
  }
  if (!spec.pip.empty() && spec.pip != "latest" && !symbolic(spec.pip) && !pip_specifiers(spec.pip)) {
    scope.diagnostics.error("recipe.value", "expected a specifier such as `>=22` or `latest`, found `" + spec.pip + "`",
                            place_of(declaration, "pip"));
  }
}

/// What Debian's archives, and those of older and newer Pythons beside them, bring Pythons as.
std::vector<std::string> python_packages() {
  std::vector<std::string> names = {"python3", "python3-venv", "python3-pip", "python3-virtualenv", "python3-full", "uv"};
  constexpr int oldest = 5, newest = 20;
  for (int minor = oldest; minor <= newest; ++minor) {
    const auto name = "python3." + std::to_string(minor);
    for (const char* suffix : {"", "-venv", "-full", "-distutils", "-dev"}) names.push_back(name + suffix);
  }
  return names;
}

void Venv::links(Spec& spec, Resource& resource) {
  PythonEnv env;
  env.address = resource.address.str();
  env.prefix = spec.path.text;
  env.python = spec.python;
  env.system_site_packages = spec.system_site_packages;
  env.installer = spec.installer;
  env.versions = std::make_shared<std::vector<DeclaredVersion>>();
  resource.offers.push_back({Capability::python_env, spec.name, std::make_shared<const PythonEnv>(std::move(env))});
  resource.offers.push_back({Capability::path, spec.path.text});
  Want packages{Capability::apt_package, Want::Match::named, python_packages()};
  packages.take = [&spec](const Offer& offer) { spec.python_packages.push_back(offer.name); };
  resource.wants.push_back(std::move(packages));
  resource.wants.push_back({Capability::path, Want::Match::above, {spec.path.text}});
}

Result<Venv::Place> place_at(const std::string& path, const ProbeScope& scope, std::string& config) {
  const auto stat = scope.host.stat(path, Links::follow);
  if (!stat) return stat.error();
  if (!*stat) {
    const auto link = scope.host.read_link(path);
    return link && *link ? Venv::Place::foreign : Venv::Place::absent;
  }
  if ((*stat)->type != FileType::directory) return Venv::Place::foreign;
  const auto text = scope.host.read_file(venv_config_path(path));
  if (!text) return text.error();
  if (*text) config = **text;
  if (*text) return Venv::Place::venv;
  const auto entries = scope.host.list(path);
  if (!entries) return entries.error();
  return entries->empty() ? Venv::Place::empty : Venv::Place::foreign;
}

Result<Venv::State> Venv::probe(const Spec& spec, const ProbeScope& scope) {
  State state;
  const auto& path = spec.path.text;
  const auto place = place_at(path, scope, state.config);
  if (!place) return place.error();
  state.place = *place;
  const auto marker = read_marker(scope.host, marker_path(path, {}));
  if (!marker) return marker.error();
  state.made = *marker && (*marker)->made;
  if (state.place == Place::foreign && state.made) state.place = Place::venv;  // its pyvenv.cfg is gone
  if (state.place != Place::venv) return state;
  const auto config = parse_venv_config(state.config);
  state.version = config.version;
  state.system_site_packages = config.system_site_packages;
  state.interpreter = resolve_links(scope.host, path + "/bin/python").value_or("");
  const auto own = read_all_distributions(scope.host, own_site_folders(scope.host, path, python_minor(state.version)));
  if (!own) return own.error();
  const auto pip = own->find("pip");
  if (pip != own->end()) state.pip = pip->second.version;
  if (*marker && (*marker)->latest.count("pip") != 0) state.newest_pip = (*marker)->latest.at("pip");
  return state;
}

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
std::string decay(const Venv::Spec& want, const Venv::State& have, const ProbeScope& scope) {
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
std::string pip_trouble(const Venv::Spec& want, const Venv::State& have, const ProbeScope& scope) {
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
  return version && !(*version < *newest) ? "" : "it has pip " + *have.pip + ", the newest was " + have.newest_pip;
}

std::string yes_or_no(bool value) { return value ? "true" : "false"; }

std::string wanted_pip(const Venv::Spec& want) {
  if (want.pip.empty() || want.pip == "latest") return want.pip;
  return pip_specifiers(want.pip)->str();
}

/// The Python to make the venv with, as far as it is there already.
std::optional<Python> interpreter_for(const PythonWish& wish, const ProbeScope& scope) {
  auto chosen = choose_python(scope.facts.pythons, wish);
  if (!chosen && !wish.path().empty() && exists(scope.host, wish.path())) chosen = Python{wish.path(), ""};
  return chosen;
}

bool is_brought(const Venv::Spec& want, const ProbeScope& scope) {
  for (const auto& name : want.python_packages) {
    if (is_pending(scope.upstream("apt_package." + name))) return true;
  }
  return false;
}

/// What will keep the venv from being made, as far as that can be seen beforehand.
void foresee_trouble(Decision& decision, const Venv::Spec& want, const std::optional<Python>& python,
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
  const bool judged = base == "/usr" && choose_installer(want.installer, want.path.text, scope) == "pip" && exists(scope.host, library);
  if (!judged || exists(scope.host, library + "/ensurepip")) return;
  decision.findings.push_back({"venv.no-ensurepip", python->path + " cannot make venvs: its ensurepip is missing",
                               "declare `apt_package: python" + minor + "-venv` (or `python3-venv`)"});
}

Decision make(const Venv::Spec& want, const Venv::State& have, Action action, std::string because,
              const ProbeScope& scope) {
  const auto wish = PythonWish::parse(want.python).value_or(PythonWish());
  const auto python = interpreter_for(wish, scope);
  Decision decision{action, std::move(because), {}, {}, {}};
  if (!python) decision.because += "; a Python that fits is looked for when it is made";
  auto& differences = decision.differences;
  const auto before = [&](std::string value) {
    return have.place == Venv::Place::venv && !value.empty() ? std::optional(std::move(value)) : std::nullopt;
  };
  differences.push_back({"path", before(want.path.text), want.path.text});
  if (action == Action::create) differences.back().before.reset();
  if (differences.back().before == differences.back().after) differences.pop_back();
  std::string after = python ? python->version.empty() ? python->path : python->version + " (" + python->path + ")"
                             : (want.python.empty() ? "python3" : want.python);
  differences.push_back({"python", before(have.version), std::move(after)});
  const auto sites = yes_or_no(want.system_site_packages);
  const bool same_sites = action == Action::replace && have.system_site_packages == want.system_site_packages;
  if (!same_sites) differences.push_back({"system_site_packages", before(yes_or_no(have.system_site_packages)), sites});
  if (!want.pip.empty()) differences.push_back({"pip", have.pip, want.pip});
  decision.steps.push_back(MakeVenv{want.path.text, python ? python->path : wish.program(), want.python,
                                    want.system_site_packages, wanted_pip(want),
                                    choose_installer(want.installer, want.path.text, scope),
                                    privilege_at(want.path.text, scope)});
  foresee_trouble(decision, want, python, scope);
  return decision;
}

/// A person's turn: what stands there is not mlenvctl's.
Decision hands_off(const Venv::Spec& want, std::string because, std::string remedy) {
  Decision decision{Action::manual, std::move(because), {}, {}, {}};
  decision.findings.push_back({"venv.not-ours", "`" + want.path.text + "`: " + decision.because, std::move(remedy)});
  return decision;
}

Decision diff_absent(const Venv::Spec& want, const Venv::State& have, const ProbeScope& scope) {
  if (have.place == Venv::Place::absent || have.place == Venv::Place::empty) return {};
  if (!have.made) {
    return hands_off(want, "mlenvctl did not make what stands there, so it does not remove it",
                     "remove it by hand when it is not needed: `rm -r " + shell_word(want.path.text) + "`");
  }
  return {Action::remove, "declared absent", {{"path", want.path.text, std::nullopt}},
          {RemovePath{want.path.text, true, privilege_at(want.path.text, scope)}}, {}};
}

/// A venv that serves, but not quite as declared: changed in place, its packages stay.
Decision adjust(const Venv::Spec& want, const Venv::State& have, const ProbeScope& scope) {
  Decision decision;
  std::vector<std::string> reasons;
  const auto& path = want.path.text;
  const auto privilege = privilege_at(path, scope);
  if (have.system_site_packages != want.system_site_packages) {
    reasons.emplace_back(want.system_site_packages ? "it does not see the system's packages" : "it sees the system's packages");
    decision.differences.push_back(
        {"system_site_packages", yes_or_no(have.system_site_packages), yes_or_no(want.system_site_packages)});
    WriteFile config{venv_config_path(path), with_system_site_packages(have.config, want.system_site_packages)};
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

Decision Venv::diff(const Spec& want, const State& have, const ProbeScope& scope) {
  if (want.state == Presence::absent) return diff_absent(want, have, scope);
  if (have.place == Place::absent) return make(want, have, Action::create, "there is no venv yet", scope);
  if (have.place == Place::empty) return make(want, have, Action::create, "the folder is empty", scope);
  if (have.place == Place::foreign) {
    return hands_off(want, "something that is no venv stands there, and mlenvctl does not overwrite it",
                     "move it out of the way, or give the venv another `path`");
  }
  const auto reason = decay(want, have, scope);
  if (reason.empty()) return adjust(want, have, scope);
  if (have.made) return make(want, have, Action::replace, reason, scope);
  return hands_off(want, reason + "; mlenvctl did not make it, so it does not replace it",
                   "move it away (`mv " + shell_word(want.path.text) + " " + shell_word(want.path.text + ".old") +
                       "`) and run again, or give the venv another `path`");
}

}  // namespace

Kind venv_kind() { return make_kind<Venv>(); }

}  // namespace mlenv
