#include "kinds/python_environment.hpp"

#include "kinds/paths.hpp"
#include "resource/python_wish.hpp"
#include "resource/uv.hpp"

namespace mlenv {
namespace {

using Standing = EnvironmentState::Standing;

bool is_coming(Action action) { return action == Action::create || action == Action::replace; }

/// The Python that a venv will be made with, as far as that can be told now.
void foresee(EnvironmentState& state, const PythonEnv& env, const ProbeScope& scope) {
  const auto wish = PythonWish::parse(env.python);
  const auto python = wish ? choose_python(scope.facts.pythons, *wish) : std::nullopt;
  if (!python) return;
  state.python = python->version;
  state.base = base_prefix(scope.host, python->path);
}

/// The minor version by the folder below lib, for a venv whose pyvenv.cfg does not say.
std::string version_by_folder(const HostReader& host, const std::string& prefix) {
  const auto entries = host.list(prefix + "/lib");
  if (!entries) return {};
  for (const auto& entry : *entries) {
    if (entry.name.starts_with("python") && exists(host, prefix + "/lib/" + entry.name + "/site-packages")) {
      return entry.name.substr(std::string("python").size());
    }
  }
  return {};
}

Result<EnvironmentState> read_venv(const PythonEnv& env, const ProbeScope& scope) {
  EnvironmentState state;
  const auto text = scope.host.read_file(venv_config_path(env.prefix));
  if (!text) return text.error();
  if (!*text) return state;
  state.standing = Standing::there;
  const auto config = parse_venv_config(**text);
  state.python = config.version.empty() ? version_by_folder(scope.host, env.prefix) : config.version;
  state.base = parent_path(config.home);
  const auto marker = read_marker(scope.host, marker_path(env.prefix, {}));
  if (!marker) return marker.error();
  state.marker = marker->value_or(EnvironmentMarker());
  const auto minor = python_minor(state.python);
  auto own = read_all_distributions(scope.host, own_site_folders(scope.host, env.prefix, minor));
  if (!own) return own.error();
  state.own = std::move(*own);
  return state;
}

std::optional<Error> read_inherited(EnvironmentState& state, const HostReader& host) {
  auto inherited = read_all_distributions(host, system_site_folders(state.base, python_minor(state.python)));
  if (!inherited) return inherited.error();
  state.inherited = std::move(*inherited);
  return std::nullopt;
}

Result<EnvironmentState> look_at_venv(const PythonEnv& env, const ProbeScope& scope) {
  const auto action = scope.upstream(env.address);
  EnvironmentState state;
  if (is_coming(action)) {
    state.standing = Standing::coming;
    foresee(state, env, scope);
  } else if (action != Action::remove) {
    auto read = read_venv(env, scope);
    if (!read) return read;
    state = std::move(*read);
  }
  if (env.system_site_packages && !state.python.empty() && !state.base.empty()) {
    if (const auto error = read_inherited(state, scope.host)) return *error;
  }
  return state;
}

Result<EnvironmentState> look_at_user_site(const ProbeScope& scope) {
  EnvironmentState state;
  state.standing = Standing::coming;
  const auto& home = scope.facts.user.home;
  const auto marker = read_marker(scope.host, marker_path({}, home));
  if (!marker) return marker.error();
  state.marker = marker->value_or(EnvironmentMarker());
  if (scope.facts.pythons.empty()) return state;
  const auto& python = scope.facts.pythons.front();
  state.standing = Standing::there;
  state.python = python.version;
  state.base = base_prefix(scope.host, python.path);
  auto own = read_all_distributions(
      scope.host, {home + "/.local/lib/python" + python_minor(python.version) + "/site-packages"});
  if (!own) return own.error();
  state.own = std::move(*own);
  if (const auto error = read_inherited(state, scope.host)) return *error;
  return state;
}

}  // namespace

const Distribution* EnvironmentState::find(const std::string& canonical) const {
  for (const auto* packages : {&own, &inherited}) {
    const auto found = packages->find(canonical);
    if (found != packages->end()) return &found->second;
  }
  return nullptr;
}

Result<EnvironmentState> venv_environment(const PythonEnv& env, const ProbeScope& scope) {
  return scope.cache.get<Result<EnvironmentState>>(env.address + " " + env.prefix,
                                                   [&] { return look_at_venv(env, scope); });
}

Result<EnvironmentState> user_environment(const ProbeScope& scope) {
  return scope.cache.get<Result<EnvironmentState>>("user site", [&] { return look_at_user_site(scope); });
}

std::string base_prefix(const HostReader& host, const std::string& interpreter) {
  const auto real = resolve_links(host, interpreter);
  return real ? parent_path(parent_path(*real)) : std::string();
}

std::optional<std::string> externally_managed(const HostReader& host, const EnvironmentState& environment) {
  if (environment.base.empty()) return std::nullopt;
  auto path = environment.base + "/lib/python" + python_minor(environment.python) + "/EXTERNALLY-MANAGED";
  return exists(host, path) ? std::optional(std::move(path)) : std::nullopt;
}

std::string choose_installer(const std::string& declared, const std::string& prefix,
                             const ProbeScope& scope) {
  if (declared != "auto") return declared;
  // Root runs no program out of a user's home.
  const auto home = privilege_for(prefix, scope.facts.user) == Privilege::root && !prefix.empty()
                        ? std::string("/root")
                        : scope.facts.user.home;
  return find_uv(scope.host, home) && !pip_is_configured(scope.host, prefix, home) ? "uv" : "pip";
}

Privilege privilege_at(const std::string& path, const ProbeScope& scope) {
  const auto& user = scope.facts.user;
  if (path == user.home || path.starts_with(join_path(user.home, ""))) return Privilege::user;
  for (auto at = path;; at = parent_path(at)) {
    const auto stat = scope.host.stat(at, Links::follow);
    if (stat && *stat) return (*stat)->uid == user.uid ? Privilege::user : Privilege::root;
    if (at == "/") return Privilege::root;
  }
}

}  // namespace mlenv
