#include "base/text.hpp"
#include "kinds/distribution_check.hpp"
#include "kinds/kinds.hpp"
#include "kinds/lint.hpp"
#include "kinds/pip_decision.hpp"

namespace mlenv {
namespace {

/// A Python package in a venv, or in the user's own site.
struct PipPackage {
  static constexpr KindText text = {
      "pip_package", "A Python package in a venv, or in the user's own site.",
      "Names are dependencies by PEP 508: `torch==1.7.1+cu110`, `jax[cuda]>=0.4; python_version >= \"3.9\"`. "
      "What is\n"
      "installed is read from the environment's own records; Python is not started. A package that the venv "
      "inherits\n"
      "from the system counts when its version fits. `==1.7.1` is satisfied by `1.7.1+cu110`, not the other "
      "way round.\n"
      "\n"
      "With `state: latest` the newest version is looked up once and then kept; `--upgrade` looks again. "
      "Packages of\n"
      "one venv and one source are installed by one call, so that the resolver sees them together. "
      "`index_url`,\n"
      "`extra_index_urls` and `find_links` hold for the packages of their own entry only; otherwise the "
      "user's\n"
      "configuration of pip counts.\n"
      "\n"
      "`state: absent` removes the package from the environment's own site, never from the system's.",
      "- pip_package: [torch==1.7.1+cu110, torchvision==0.8.2+cu110]\n"
      "  venv: torch\n"
      "  find_links: https://download.pytorch.org/whl/torch_stable.html\n",
      Naming::many};

  using Spec = PipSpec;
  using State = PipState;

  static std::string found(const State& have) {
    return have.own ? *have.own : have.inherited ? *have.inherited + " (inherited)" : "absent";
  }

  static std::vector<std::string> states() { return {"present", "absent", "latest"}; }
  static void describe(Fields<Spec>& fields);
  static std::string resource_name(const Spec& spec) {
    return site(spec) + "/" + spec.requirement.canonical_name();
  }
  static std::string site(const Spec& spec) { return spec.user ? "user" : spec.venv.name; }
  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope);
  static void links(Spec& spec, Resource& resource);
  static Result<State> probe(const Spec& spec, const ProbeScope& scope);
  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope) {
    return decide_pip_package(want, have, scope);
  }
};

void PipPackage::describe(Fields<Spec>& fields) {
  fields.name(&Spec::text,
              "the package, or a list of them: a name with extras, versions and marker by PEP 508");
  fields.optional("venv", &Spec::venv, "the venv that the package is installed into",
                  "needed unless `user: true`");
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

void inspect_links(std::vector<std::string>& find_links, const Declaration& declaration, DecodeScope& scope,
                   bool report) {
  for (auto& link : find_links) {
    if (link.starts_with("~/")) link = join_path(scope.user.home, link.substr(2));
    const bool known = link.starts_with("/") || link.starts_with("https://") || link.starts_with("http://") ||
                       link.starts_with("file:///") || link.starts_with("<");
    if (known || !report) continue;
    scope.diagnostics.error("recipe.value",
                            "expected a URL or an absolute path under `find_links`, found `" + link + "`",
                            declaration.where);
  }
}

void inspect_name(PipSpec& spec, const Node& name, DecodeScope& scope) {
  auto parsed = PepRequirement::parse(spec.text);
  if (parsed) {
    spec.requirement = std::move(*parsed);
    const bool plain = spec.requirement.specifiers.empty() && spec.requirement.url.empty();
    if (spec.state != Presence::absent || plain) return;
    scope.diagnostics.error("recipe.value", "`state: absent` takes the name alone, found `" + spec.text + "`",
                            name.span, "write `" + spec.requirement.name + "`");
    return;
  }
  spec.requirement.name = spec.text;
  const bool symbolic = scope.facts == nullptr && spec.text.find("<facts.") != std::string::npos;
  if (symbolic || spec.text.empty()) return;
  if (spec.text.front() == '-') {
    scope.diagnostics.error("recipe.value",
                            "expected the name of a Python package, found the option `" + spec.text + "`",
                            name.span, "indexes and links are attributes: `index_url`, `find_links`, `pre`");
    return;
  }
  const auto& error = parsed.error();
  scope.diagnostics.error("recipe.value",
                          "`" + spec.text + "` is not a dependency by PEP 508: " + error.message, name.span,
                          error.hint.empty() ? std::nullopt : std::optional(error.hint));
}

void PipPackage::inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
  const bool first = is_first(name, declaration);
  inspect_name(spec, name, scope);
  inspect_links(spec.find_links, declaration, scope, first);
  lint_pip_package(spec, name, declaration, scope);
  if (first && !spec.user && !spec.venv) {
    scope.diagnostics.error("recipe.missing-field",
                            "`pip_package` needs `venv`: the venv that it is installed into",
                            declaration.where, "or `user: true` for the user's own site");
  }
  if (first && spec.user && spec.venv) {
    scope.diagnostics.error("recipe.value", "`venv` and `user: true` exclude each other", spec.venv.where);
  }
}

void PipPackage::links(Spec& spec, Resource& resource) {
  resource.offers.push_back({Capability::pip_package, site(spec) + "/" + spec.requirement.canonical_name()});
  Want tools{Capability::apt_package,
             Want::Match::named,
             {"python3", "python3-pip", "build-essential", "python3-dev", "git"}};
  tools.to_build = !spec.user;  // into the user's own site this Python's pip installs
  resource.wants.push_back(std::move(tools));
  if (spec.user || !spec.venv) return;
  Want venv{Capability::python_env, Want::Match::named, {spec.venv.name}, Strength::hard, true,
            spec.venv.where};
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

std::optional<Error> look_at_own(PipState& state, const Distribution& package, const HostReader& host) {
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
  const auto& environment = spec.user ? user_environment(scope) : venv_environment(*spec.venv, scope);
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
    auto unmet = unmet_dependencies(scope.host, *environment, *package, spec.requirement.extras, markers);
    state.missing = std::move(unmet.missing);
    state.unfit = std::move(unmet.unfit);
    state.url = installed_url(scope.host, *package);
  }
  return state;
}

}  // namespace

Kind pip_package_kind() { return make_kind<PipPackage>(); }

}  // namespace mlenv
