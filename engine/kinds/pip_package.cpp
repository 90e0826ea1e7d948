#include <algorithm>

#include "base/text.hpp"
#include "kinds/distribution_check.hpp"
#include "kinds/kinds.hpp"

namespace mlenv {
namespace {

using Standing = EnvironmentState::Standing;

/// A Python package in a venv, or in the user's own site.
struct PipPackage {
  static constexpr KindText text = {
      "pip_package", "A Python package in a venv, or in the user's own site.",
      "Names are dependencies by PEP 508: `torch==1.7.1+cu110`, `jax[cuda]>=0.4; python_version >= \"3.9\"`. What is\n"
      "installed is read from the environment's own records; Python is not started. A package that the venv inherits\n"
      "from the system counts when its version fits. `==1.7.1` is satisfied by `1.7.1+cu110`, not the other way round.\n"
      "\n"
      "With `state: latest` the newest version is looked up once and then kept; `--upgrade` looks again. Packages of\n"
      "one venv and one source are installed by one call, so that the resolver sees them together. `index_url`,\n"
      "`extra_index_urls` and `find_links` hold for the packages of their own entry only; otherwise the user's\n"
      "configuration of pip counts.\n"
      "\n"
      "`state: absent` removes the package from the environment's own site, never from the system's.",
      "- pip_package: [torch==1.7.1+cu110, torchvision==0.8.2+cu110]\n"
      "  venv: torch\n"
      "  find_links: https://download.pytorch.org/whl/torch_stable.html\n",
      Naming::many};

  struct Spec {
    std::string text;
    PepRequirement requirement;
    Ref<PythonEnv> venv;
    bool user = false;
    std::optional<Url> index_url;
    std::vector<Url> extra_index_urls;
    std::vector<std::string> find_links;
    bool no_index = false;
    bool pre = false;
    Presence state = Presence::present;
    bool operator==(const Spec&) const = default;
  };

  struct State {
    Standing standing = Standing::missing;
    std::string python;
    bool applies = true;
    std::optional<std::string> own;
    std::optional<std::string> inherited;
    std::string inherited_from;
    std::vector<std::string> cut_short;  ///< dist-info folders of installs that never came to their end
    std::vector<std::string> changed;    ///< module files that are not as installed
    std::vector<std::string> missing;    ///< dependencies
    std::string url;                     ///< where it came from, when that was written down
    std::string newest;                  ///< when `latest` was last looked up
    std::optional<std::string> managed;  ///< the EXTERNALLY-MANAGED file that keeps pip out
    bool operator==(const State&) const = default;

    const std::optional<std::string>& version() const { return own ? own : inherited; }
  };

  static std::vector<std::string> states() { return {"present", "absent", "latest"}; }
  static void describe(Fields<Spec>& fields);
  static std::string resource_name(const Spec& spec) { return site(spec) + "/" + spec.requirement.canonical_name(); }
  static std::string site(const Spec& spec) { return spec.user ? "user" : spec.venv.name; }
  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope);
  static void links(Spec& spec, Resource& resource);
  static Result<State> probe(const Spec& spec, const ProbeScope& scope);
  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope);
};

void PipPackage::describe(Fields<Spec>& fields) {
  fields.name(&Spec::text, "the package, or a list of them: a name with extras, versions and marker by PEP 508");
  fields.optional("venv", &Spec::venv, "the venv that the package is installed into", "needed unless `user: true`");
  fields.optional("user", &Spec::user, "install for the user's own `python3`, without a venv", "false");
  fields.optional("index_url", &Spec::index_url, "the package index to use in place of the configured one");
  fields.optional("extra_index_urls", &Spec::extra_index_urls, "further package indexes");
  fields.optional("find_links", &Spec::find_links, "pages or folders to look for wheels on");
  fields.optional("no_index", &Spec::no_index, "look at `find_links` only", "false");
  fields.optional("pre", &Spec::pre, "take pre-releases too", "false");
}

/// A finding of the entry as a whole is said once, not for each of its names.
bool is_first(const Node& name, const Declaration& declaration) {
  return !declaration.name.is_sequence() || &name == &declaration.name.items.front();
}

void inspect_links(std::vector<std::string>& find_links, const Declaration& declaration, DecodeScope& scope, bool report) {
  for (auto& link : find_links) {
    if (link.starts_with("~/")) link = join_path(scope.user.home, link.substr(2));
    const bool known = link.starts_with("/") || link.starts_with("https://") || link.starts_with("http://") ||
                       link.starts_with("file:///") || link.starts_with("<");
    if (known || !report) continue;
    scope.diagnostics.error("recipe.value", "expected a URL or an absolute path under `find_links`, found `" + link + "`",
                            declaration.where);
  }
}

void inspect_name(PipPackage::Spec& spec, const Node& name, DecodeScope& scope) {
  auto parsed = PepRequirement::parse(spec.text);
  if (parsed) {
    spec.requirement = std::move(*parsed);
    const bool plain = spec.requirement.specifiers.empty() && spec.requirement.url.empty();
    if (spec.state != Presence::absent || plain) return;
    scope.diagnostics.error("recipe.value", "`state: absent` takes the name alone, found `" + spec.text + "`", name.span,
                            "write `" + spec.requirement.name + "`");
    return;
  }
  spec.requirement.name = spec.text;
  const bool symbolic = scope.facts == nullptr && spec.text.find("<facts.") != std::string::npos;
  if (symbolic || spec.text.empty()) return;
  if (spec.text.front() == '-') {
    scope.diagnostics.error("recipe.value", "expected the name of a Python package, found the option `" + spec.text + "`",
                            name.span, "indexes and links are attributes: `index_url`, `find_links`, `pre`");
    return;
  }
  const auto& error = parsed.error();
  scope.diagnostics.error("recipe.value", "`" + spec.text + "` is not a dependency by PEP 508: " + error.message, name.span,
                          error.hint.empty() ? std::nullopt : std::optional(error.hint));
}

void PipPackage::inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
  const bool first = is_first(name, declaration);
  inspect_name(spec, name, scope);
  inspect_links(spec.find_links, declaration, scope, first);
  if (first && !spec.user && !spec.venv) {
    scope.diagnostics.error("recipe.missing-field", "`pip_package` needs `venv`: the venv that it is installed into",
                            declaration.where, "or `user: true` for the user's own site");
  }
  if (first && spec.user && spec.venv) {
    scope.diagnostics.error("recipe.value", "`venv` and `user: true` exclude each other", spec.venv.where);
  }
}

void PipPackage::links(Spec& spec, Resource& resource) {
  resource.offers.push_back({Capability::pip_package, site(spec) + "/" + spec.requirement.canonical_name()});
  Want tools{Capability::apt_package, Want::Match::named, {"python3", "python3-pip", "build-essential", "python3-dev", "git"}};
  resource.wants.push_back(std::move(tools));
  if (spec.user || !spec.venv) return;
  Want venv{Capability::python_env, Want::Match::named, {spec.venv.name}, Strength::hard, true, spec.venv.where};
  venv.take = [&spec, when = resource.when](const Offer& offer) {
    const auto* env = std::get_if<PythonEnvPtr>(&offer.value);
    if (env == nullptr) return;
    spec.venv.target = *env;
    const auto& requirement = spec.requirement;
    if (spec.state == Presence::absent || requirement.specifiers.empty()) return;
    (*env)->versions->push_back({requirement.name + requirement.specifiers.str(), when});
  };
  resource.wants.push_back(std::move(venv));
}

std::optional<Error> look_at_own(PipPackage::State& state, const Distribution& package, const HostReader& host) {
  state.own = package.version;
  const auto files = check_files(host, package);
  if (!files) return files.error();
  state.changed = files->changed;
  if (!package.repeats.empty() || !files->recorded) {
    state.cut_short = package.repeats;
    state.cut_short.push_back(package.folder);
  }
  return std::nullopt;
}

Result<PipPackage::State> PipPackage::probe(const Spec& spec, const ProbeScope& scope) {
  if (!spec.user && !spec.venv.target) return Error{"pip.no-venv", "its venv is not declared", {}};
  const auto environment = spec.user ? user_environment(scope) : venv_environment(*spec.venv, scope);
  if (!environment) return environment.error();
  State state;
  state.standing = environment->standing;
  state.python = environment->python;
  const auto markers = linux_markers(state.python, scope.facts.arch);
  state.applies = state.python.empty() || spec.requirement.applies(markers);
  if (spec.user) state.managed = externally_managed(scope.host, *environment);
  const auto known = environment->marker.latest.find(spec.requirement.str());
  if (known != environment->marker.latest.end()) state.newest = known->second;
  const auto name = spec.requirement.canonical_name();
  const auto inherited = environment->inherited.find(name);
  if (inherited != environment->inherited.end()) {
    state.inherited = inherited->second.version;
    state.inherited_from = parent_path(inherited->second.folder);
  }
  const auto own = environment->own.find(name);
  if (own != environment->own.end()) {
    if (const auto error = look_at_own(state, own->second, scope.host)) return *error;
  }
  if (const auto* package = environment->find(name)) {
    state.missing = missing_dependencies(scope.host, *environment, *package, spec.requirement.extras, markers);
    state.url = installed_url(scope.host, *package);
  }
  return state;
}

bool version_fits(const PepSpecifierSet& specifiers, const std::string& version) {
  if (const auto parsed = PepVersion::parse(version)) return specifiers.contains(*parsed);
  const auto& clauses = specifiers.clauses();
  return std::all_of(clauses.begin(), clauses.end(), [&](const PepComparison& clause) {
    return clause.op == PepComparison::Op::arbitrary && clause.text == version;
  });
}

bool is_newest(const std::string& version, const std::string& newest) {
  const auto have = PepVersion::parse(version), best = PepVersion::parse(newest);
  return have && best ? !(*have < *best) : version == newest;
}

std::string wanted_version(const PipPackage::Spec& want) {
  if (!want.requirement.url.empty()) return mask_credentials(want.requirement.url);
  const auto specifiers = want.requirement.specifiers.str();
  if (want.state == Presence::latest) return specifiers.empty() ? "the newest" : "the newest " + specifiers;
  return specifiers.empty() ? "any" : specifiers;
}

bool fits(const PipPackage::Spec& want, const PipPackage::State& have) {
  if (!want.requirement.url.empty()) return came_from(want.requirement.url, have.url, *have.version());
  return version_fits(want.requirement.specifiers, *have.version());
}

/// What is not as declared, in a person's words; empty when all is well.
std::string trouble(const PipPackage::Spec& want, const PipPackage::State& have, const ProbeScope& scope) {
  if (!have.version()) {
    return have.standing == Standing::coming && !want.user ? "its venv is made in this plan" : "not installed";
  }
  const auto& version = *have.version();
  if (!fits(want, have)) {
    const auto seen = have.own ? version + " is installed" : version + " is inherited from " + have.inherited_from;
    const auto from = !want.requirement.url.empty() && !have.url.empty() ? " from " + have.url : "";
    return seen + from + ", wanted is " + wanted_version(want);
  }
  if (!have.cut_short.empty()) return "an earlier install of it was cut short";
  if (!have.changed.empty()) {
    const auto count = have.changed.size();
    return std::to_string(count) + (count == 1 ? " file is" : " files are") + " missing or changed: " +
           have.changed.front() + (count == 1 ? "" : ", …");
  }
  if (!have.missing.empty()) return "it needs " + join(have.missing, ", ") + ", not installed";
  if (want.state != Presence::latest) return {};
  if (scope.upgrade) return "the newest version is looked up anew";
  if (have.newest.empty()) return "the newest version has not been looked up yet";
  return is_newest(version, have.newest) ? "" : version + " is installed, the newest was " + have.newest;
}

/// The versions declared for the venv's packages: the resolver is free in all the rest.
std::vector<std::string> versions_to_keep(const PythonEnv& env, const ProbeScope& scope) {
  std::vector<std::string> keep;
  for (const auto& each : *env.versions) {
    if (!each.when || each.when->holds(scope.facts) == Truth::yes) keep.push_back(each.requirement);
  }
  return keep;
}

PipInstall install_step(const PipPackage::Spec& want, const ProbeScope& scope) {
  PipInstall step;
  if (want.venv.target) {
    step.keep = versions_to_keep(*want.venv, scope);
    step.prefix = want.venv->prefix;
    step.installer = choose_installer(want.venv->installer, step.prefix, scope);
    step.privilege = privilege_at(step.prefix, scope);
  }
  step.requirements = {want.requirement.str()};
  if (want.state == Presence::latest) step.upgrade = step.requirements;
  if (want.index_url) step.source.index_url = want.index_url->text;
  for (const auto& url : want.extra_index_urls) step.source.extra_index_urls.push_back(url.text);
  step.source.find_links = want.find_links;
  step.source.no_index = want.no_index;
  step.source.pre = want.pre;
  return step;
}

std::string pinned(const PepRequirement& requirement, const std::string& version) {
  if (!requirement.url.empty() || !PepVersion::parse(version)) return requirement.str();
  return requirement.name + "==" + version;
}

std::vector<Step> steps_for(const PipPackage::Spec& want, const PipPackage::State& have, const ProbeScope& scope) {
  const auto install = install_step(want, scope);
  const bool broken = have.own && (!have.cut_short.empty() || !have.changed.empty());
  if (!broken) return {install};
  std::vector<Step> steps;
  for (const auto& folder : have.cut_short) steps.push_back(RemovePath{folder, true, install.privilege});
  const bool good_version = fits(want, have);
  auto again = install;
  again.reinstall = true;
  again.upgrade.clear();
  again.keep.clear();
  again.requirements = {good_version ? pinned(want.requirement, *have.own) : want.requirement.str()};
  steps.emplace_back(std::move(again));
  // Reinstalling leaves dependencies alone, and pins the version that is there.
  if (!have.missing.empty() || !good_version || want.state == Presence::latest) steps.emplace_back(install);
  return steps;
}

void add_source(std::vector<Difference>& differences, const PipSource& source) {
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) differences.push_back({name, std::nullopt, mask_credentials(value)});
  };
  add("index_url", source.index_url);
  add("extra_index_urls", join(source.extra_index_urls, ", "));
  add("find_links", join(source.find_links, ", "));
}

std::vector<Difference> differences_of(const PipPackage::Spec& want, const PipPackage::State& have,
                                       const ProbeScope& scope) {
  std::vector<Difference> differences;
  auto before = have.version();
  if (before && !have.own) *before += " (inherited)";
  if (!before || !fits(want, have) || want.state == Presence::latest) {
    differences.push_back({"version", before, wanted_version(want)});
  }
  if (!before && !want.requirement.extras.empty()) {
    differences.push_back({"extras", std::nullopt, join(want.requirement.extras, ", ")});
  }
  if (!have.cut_short.empty()) differences.push_back({"install", "cut short", "complete"});
  if (!have.changed.empty()) {
    differences.push_back({"files", std::to_string(have.changed.size()) + " missing or changed", "as installed"});
  }
  for (const auto& name : have.missing) differences.push_back({"dependency " + name, std::nullopt, "installed"});
  if (!before) add_source(differences, install_step(want, scope).source);
  return differences;
}

/// The distribution keeps pip out of its own Python.
Decision refused(const PipPackage::Spec& want, const std::string& marker) {
  Decision decision;
  decision.action = Action::manual;
  decision.because = "the distribution manages this Python's packages itself (" + marker + ")";
  const auto& name = want.requirement.name;
  decision.findings.push_back({"pip.externally-managed",
                               "pip refuses to install `" + name + "` for the user: " + marker +
                                   " says that the distribution manages this Python",
                               "declare a venv (`venv: NAME`, `path: ~/.venvs/NAME`) and give `venv: NAME` in place of "
                               "`user: true`, or take the distribution's package: `apt_package: python3-" +
                                   want.requirement.canonical_name() + "`"});
  return decision;
}

Decision diff_absent(const PipPackage::Spec& want, const PipPackage::State& have, const ProbeScope& scope) {
  if (!have.own) {
    return {Action::none, have.inherited ? "only the system has it, at " + have.inherited_from : "", {}, {}, {}};
  }
  if (have.managed) return refused(want, *have.managed);
  const auto install = install_step(want, scope);
  Decision decision{Action::remove, "declared absent", {{"version", have.own, std::nullopt}}, {}, {}};
  for (const auto& folder : have.cut_short) decision.steps.push_back(RemovePath{folder, true, install.privilege});
  if (have.cut_short.empty()) {
    decision.steps.push_back(
        PipUninstall{install.prefix, {want.requirement.canonical_name()}, install.installer, install.privilege});
  }
  return decision;
}

Decision PipPackage::diff(const Spec& want, const State& have, const ProbeScope& scope) {
  if (want.state == Presence::absent) return diff_absent(want, have, scope);
  if (!have.applies) {
    return {Action::not_applicable,
            "its marker `" + want.requirement.marker + "` does not hold for Python " + have.python, {}, {}, {}};
  }
  if (have.standing == Standing::missing) {
    return {Action::unknown, "there is no venv at " + want.venv->prefix, {}, {}, {}};
  }
  const auto reason = trouble(want, have, scope);
  if (reason.empty()) {
    const auto where = have.own ? "" : ", inherited from " + have.inherited_from;
    return {Action::none, *have.version() + where, {}, {}, {}};
  }
  if (have.managed) return refused(want, *have.managed);
  const auto action = have.own ? Action::update : Action::create;
  return {action, reason, differences_of(want, have, scope), steps_for(want, have, scope), {}};
}

}  // namespace

Kind pip_package_kind() { return make_kind<PipPackage>(); }

}  // namespace mlenv
