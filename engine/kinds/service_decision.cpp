#include "kinds/service_decision.hpp"

#include <algorithm>

#include "kinds/paths.hpp"
#include "kinds/python_environment.hpp"
#include "kinds/text_change.hpp"

namespace mlenv {
namespace {

using Verb = ControlUnit::Verb;

UnitPlace place_of(const ServiceSpec& want, const ProbeScope& scope) {
  return {scope.host, scope.facts.user, want.unit_scope()};
}

Privilege privilege_of(const ServiceSpec& want) {
  return want.unit_scope() == UnitScope::user ? Privilege::user : Privilege::root;
}

/// Packages that bring systemd itself.
bool brings_systemd(const std::string& package) { return package == "systemd" || package == "systemd-sysv"; }

bool any_package_comes(const ServiceSpec& want, const ProbeScope& scope, bool (*counts)(const std::string&)) {
  return std::any_of(want.packages.begin(), want.packages.end(), [&](const std::string& package) {
    const auto action = scope.upstream("apt_package." + package);
    return counts(package) && is_pending(action) && action != Action::remove;
  });
}

/// The files whose times tell when a resource was last changed.
std::vector<std::string> dated_files(const ServiceSpec& want, const Address& address,
                                     const ProbeScope& scope) {
  if (address.kind == "file") return {address.name};
  if (address.kind == "apt_package") {
    const auto list = "/var/lib/dpkg/info/" + address.name;
    return {list + ".list", list + (scope.facts.arch == "aarch64" ? ":arm64.list" : ":amd64.list")};
  }
  const auto slash = address.name.find('/');
  for (const auto& env : want.environments) {
    if (address.kind != "pip_package" || env->address != "venv." + address.name.substr(0, slash)) continue;
    const auto& installed = venv_environment(*env, scope);
    const auto* found = installed ? installed->find(address.name.substr(slash + 1)) : nullptr;
    if (found != nullptr) return {found->folder};
  }
  return {};
}

bool is_newer(const HostReader& host, const std::string& path, const FileTime& since) {
  const auto stat = host.stat(path, Links::follow);
  return stat && *stat && FileTime{(*stat)->modified, (*stat)->modified_part} > since;
}

/// Whether systemd itself has to read the file.
bool is_of_a_unit(const std::string& path) {
  return path.find("/systemd/system/") != std::string::npos ||
         path.find("/systemd/user/") != std::string::npos;
}

/// What the running service has not seen yet.
void find_news(const ServiceSpec& want, ServiceState& state, const ProbeScope& scope) {
  const auto note = [&](std::string what, const std::string& path) {
    if (state.newer.empty()) state.newer = std::move(what);
    state.reload = state.reload || is_of_a_unit(path);
  };
  if (state.since && want.content && is_newer(scope.host, want.path(), *state.since))
    note("its unit file is newer than its start", want.path());
  for (const auto& each : want.restarting) {
    const auto& address = each.address;
    if (is_pending(scope.upstream(address.str()))) note("`" + address.str() + "` changes", address.name);
    for (const auto& path : dated_files(want, address, scope)) {
      if (state.since && is_newer(scope.host, path, *state.since))
        note("`" + address.str() + "` is newer than its start", path);
    }
  }
}

std::string digest_of(const std::optional<std::string>& text) { return text ? content_digest(*text) : ""; }

std::string shown(bool value) { return value ? "true" : "false"; }

/// Collects what is to be done, in its order.
class Deciding {
 public:
  Deciding(const ServiceSpec& want, const ServiceState& have, const ProbeScope& scope)
      : want_(want), have_(have), scope_(scope) {}

  Decision present() {
    if (auto refused = refuse()) return std::move(*refused);
    put_file();
    if (have_.unit.path.empty() && !want_.content && !have_.coming) {
      if (want_.wants_enabled() || want_.wants_running()) return no_unit();
      return {};
    }
    decision_.action = have_.unit.path.empty() ? Action::create : Action::update;
    if (have_.coming) because("its unit comes with the packages of this plan");
    settle_enabled();
    settle_running();
    if (decision_.steps.empty()) return as_declared();
    remark();
    return std::move(decision_);
  }

  Decision absent() {
    decision_.because = "it is declared absent";
    if (have_.manager && have_.since) {
      differs("running", "true", {});
      control(Verb::stop);
    }
    if (!have_.unit.made.empty() && !have_.unit.masked) {
      differs("enabled", "true", {});
      control(Verb::disable);
    }
    remove_file();
    if (decision_.steps.empty()) return settled({});
    decision_.action = Action::remove;
    return std::move(decision_);
  }

 private:
  void because(const std::string& why) { decision_.because += (decision_.because.empty() ? "" : "; ") + why; }
  void differs(const std::string& attribute, std::optional<std::string> before,
               std::optional<std::string> after) {
    decision_.differences.push_back({attribute, std::move(before), std::move(after)});
  }
  void control(Verb verb) {
    const bool of_manager = verb == Verb::reload_manager;
    decision_.steps.push_back(ControlUnit{verb, of_manager ? "" : have_.unit.name, want_.unit_scope(),
                                          !have_.manager, privilege_of(want_)});
  }
  Decision settled(std::string why) {
    Decision decision{Action::none, std::move(why), {}, {}, std::move(decision_.findings)};
    return decision;
  }

  std::optional<Decision> refuse() const {
    const bool up = want_.wants_enabled() || want_.wants_running();
    if (have_.unit.masked && (up || want_.content))
      return manual("`" + have_.unit.name + "` is masked: somebody has forbidden it", "service.masked",
                    "`systemctl " + std::string(want_.scope == "user" ? "--user " : "") + "unmask " +
                        have_.unit.name + "` allows it again");
    if (want_.content && have_.in_the_way)
      return manual("`" + want_.path() + "` is there and is no file", "path.in-the-way",
                    "move it away, then apply again");
    return std::nullopt;
  }
  Decision no_unit() const {
    return manual("there is no unit `" + have_.unit.name + "`", "service.no-unit",
                  "declare the apt package that brings it, or its file by `content`");
  }

  void put_file() {
    if (!want_.content || have_.own == want_.text()) return;
    const auto before = have_.own ? std::optional(digest_of(have_.own)) : std::nullopt;
    differs("content", before, content_digest(want_.text()));
    because(have_.own ? "its unit file differs" : "its unit file is not there");
    decision_.diff =
        shown_change({want_.path(), have_.own.value_or(""), want_.text(), want_.from_environment, {}});
    if (!exists(scope_.host, parent_path(want_.path())))
      decision_.steps.push_back(
          MakeDirectory{parent_path(want_.path()), std::nullopt, {}, privilege_of(want_)});
    decision_.steps.push_back(WriteFile{want_.path(), want_.text(), std::nullopt, {}, privilege_of(want_)});
    changed_ = true;
    if (have_.manager) control(Verb::reload_manager);
  }

  void settle_enabled() {
    const auto& unit = have_.unit;
    if (want_.wants_enabled()) {
      const bool fits = unit.is_enabled() || (!have_.coming && !unit.can_be_enabled());
      if (!fits) {
        const bool partly = !unit.made.empty();
        differs("enabled", have_.coming ? std::nullopt : std::optional(partly ? "in part" : shown(false)),
                shown(true));
        if (!have_.coming) because(partly ? "not all links that enable it are there" : "it is not enabled");
        control(partly ? Verb::reenable : Verb::enable);
        enabling_ = true;
      }
    } else if (!unit.made.empty() || have_.coming) {
      differs("enabled", have_.coming ? std::nullopt : std::optional(shown(true)), shown(false));
      if (!have_.coming) because("it is enabled");
      control(Verb::disable);
    }
  }

  void settle_running() {
    if (!have_.manager) return;
    const bool runs = have_.since.has_value();
    if (!want_.wants_running()) {
      if (!runs && !have_.coming) return;
      differs("running", have_.coming ? std::nullopt : std::optional(shown(true)), shown(false));
      if (!have_.coming) because("it runs");
      return control(Verb::stop);
    }
    const bool starts = have_.judged ? !runs : enabling_;
    if (starts) {
      differs("running", have_.coming ? std::nullopt : std::optional(shown(false)), shown(true));
      if (have_.judged && !have_.coming) because("it does not run");
      reload();
      // What comes with a package may be started by that, before what it is to read is there.
      return control(have_.coming && !want_.restarting.empty() ? Verb::restart : Verb::start);
    }
    if (!runs || (have_.newer.empty() && !changed_)) return;
    differs("running", "since before the change", "restarted");
    if (!changed_) because(have_.newer);
    reload();
    control(Verb::restart);
  }
  void reload() {
    if (have_.reload && !changed_) control(Verb::reload_manager);
  }

  void remove_file() {
    if (!have_.own) return;
    if (!is_marked(*have_.own)) {
      decision_.findings.push_back({"service.not-ours",
                                    "`" + want_.path() + "` was not written by mlenvctl; it stays",
                                    "remove it by hand when it is not needed", Severity::note});
      return;
    }
    differs("content", digest_of(have_.own), std::nullopt);
    decision_.diff = shown_change({want_.path(), *have_.own, {}, want_.from_environment, {}});
    decision_.steps.push_back(RemovePath{want_.path(), false, privilege_of(want_)});
    if (have_.manager) control(Verb::reload_manager);
  }

  std::string not_at_work() const {
    return want_.unit_scope() == UnitScope::user && exists(scope_.host, "/run/systemd/system")
               ? "`" + scope_.facts.user.name + "` is not logged in: it starts with the next log-in"
               : "systemd does not run here: whether it runs does not apply";
  }
  Decision as_declared() {
    if (want_.enabled == true && !have_.unit.can_be_enabled())
      return settled("it has no [Install] section: others start it, and it cannot be enabled");
    return settled(have_.manager || !want_.wants_running() ? "" : not_at_work());
  }
  void remark() {
    if (!have_.manager && want_.wants_running()) because(not_at_work());
    if (want_.unit_scope() != UnitScope::user || !want_.wants_enabled() || have_.lingers) return;
    decision_.findings.push_back(
        {"service.no-linger",
         "`" + have_.unit.name + "` runs only while `" + scope_.facts.user.name + "` is logged in",
         "`loginctl enable-linger " + scope_.facts.user.name + "` keeps it up from boot on", Severity::note});
  }

  const ServiceSpec& want_;
  const ServiceState& have_;
  const ProbeScope& scope_;
  Decision decision_;
  bool changed_ = false;  ///< the unit file
  bool enabling_ = false;
};

/// The file at the recipe's place, where it counts.
Result<Done> read_own(const ServiceSpec& want, ServiceState& state, const HostReader& host) {
  if (!want.content && want.state != Presence::absent) return Done{};
  const auto there = host.stat(want.path(), Links::keep);
  if (!there) return there.error();
  state.in_the_way = *there && (*there)->type != FileType::file;
  if (!*there || state.in_the_way) return Done{};
  auto own = host.read_file(want.path());
  if (!own) return own.error();
  state.own = std::move(*own);
  return Done{};
}

}  // namespace

std::string ServiceSpec::short_name() const {
  const std::string_view ending = ".service";
  return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name;
}

std::string ServiceSpec::path() const {
  User user;
  user.home = home;
  return join_path(own_unit_folder(unit_scope(), user), name);
}

std::string ServiceSpec::text() const {
  const auto& own = content->text;
  return mark_of("service." + short_name()) + own + (own.ends_with("\n") ? "" : "\n");
}

Result<ServiceState> probe_service(const ServiceSpec& want, const ProbeScope& scope) {
  ServiceState state;
  const auto place = place_of(want, scope);
  const auto systemd = systemd_is_there(scope.host);
  if (!systemd) return systemd.error();
  state.systemd = *systemd || any_package_comes(want, scope, brings_systemd);
  if (!state.systemd) return state;
  const auto manager = manager_runs(place);
  if (!manager) return manager.error();
  state.manager = *manager;
  const auto text = want.content ? want.text() : std::string();
  auto unit = read_unit(place, want.name, want.content && want.state != Presence::absent ? &text : nullptr);
  if (!unit) return unit.error();
  state.unit = std::move(*unit);
  if (const auto read = read_own(want, state, scope.host); !read) return read.error();
  const bool ends = comes_to_an_end(state.unit.text);
  state.judged = state.unit.name.ends_with(".service") && !ends;
  if (state.manager) {
    auto since = running_since(place, state.unit.name);
    if (!since) return since.error();
    state.since = *since;
  }
  state.coming = state.unit.path.empty() && !want.content &&
                 any_package_comes(want, scope, [](const std::string&) { return true; });
  state.lingers = exists(scope.host, "/var/lib/systemd/linger/" + scope.facts.user.name);
  find_news(want, state, scope);
  return state;
}

Decision diff_service(const ServiceSpec& want, const ServiceState& have, const ProbeScope& scope) {
  if (!have.systemd) return {Action::not_applicable, "there is no systemd here", {}, {}, {}};
  Deciding deciding(want, have, scope);
  return want.state == Presence::absent ? deciding.absent() : deciding.present();
}

std::string found_service(const ServiceState& have) {
  if (have.unit.path.empty() && !have.own) return "absent";
  if (have.unit.masked) return "masked";
  const std::string enabled = !have.unit.can_be_enabled() ? "static"
                              : have.unit.is_enabled()    ? "enabled"
                              : have.unit.made.empty()    ? "not enabled"
                                                          : "enabled in part";
  return enabled + (have.since ? ", running" : "") + (have.own ? ", " + content_digest(*have.own) : "");
}

}  // namespace mlenv
