#include <algorithm>

#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/paths.hpp"
#include "kinds/service_decision.hpp"

namespace mlenv {
namespace {

/// A unit of systemd's: enabled, running, and where the recipe brings it, its file.
struct Service {
  static constexpr KindText text = {
      "service", "A service of systemd's: enabled, running, and restarted when what it reads changes.",
      "The unit comes with a package (then the service comes after the apt packages of the recipe, a "
      "driver's aside), or from the recipe by `content`: that is written to `/etc/systemd/system`, or with "
      "`scope: user` to "
      "`~/.config/systemd/user`. `docker` means `docker.service`; sockets and timers are named with their "
      "ending. An alias such as `sshd` means the unit that it stands for.\n"
      "\n"
      "Enabled is a unit when all links of its [Install] section are there. One without such a section is "
      "started by others, and only `running` counts. `running` means that it is up now; it follows `enabled` "
      "where it is not said, so that `enabled: false` stops it, too. Of units other than services, and of "
      "services that do one thing and end, files do not tell: they are started when they are enabled.\n"
      "\n"
      "`restart_on` names resources. When one of them changes in an apply the service is restarted behind "
      "it. A "
      "`file`, an `apt_package` and a `pip_package` count also when they are newer than the service's start, "
      "so "
      "that nothing is lost when an apply is cut short.\n"
      "\n"
      "Where systemd does not run (a tree under --root, a container, a user who is not logged in) units are "
      "enabled by their links, and nothing is started: that is for the next boot or log-in. Where it is not "
      "installed, services do not apply. User services run while the user is logged in; `loginctl "
      "enable-linger "
      "USER` keeps them up from boot on.\n"
      "\n"
      "`state: absent` stops and disables it, and removes a unit file that mlenvctl has written; others "
      "stay. A "
      "unit that is masked waits for a person.",
      "- service: docker\n"
      "  restart_on: [file./etc/docker/daemon.json]\n"
      "- service: jupyterlab\n"
      "  scope: user\n"
      "  content: |\n"
      "    [Service]\n"
      "    ExecStart=%h/ml/jupyter/bin/jupyter-lab --no-browser\n"
      "    [Install]\n"
      "    WantedBy=default.target\n"
      "  restart_on: [pip_package.jupyter/jupyterlab]\n",
      Naming::many};

  using Spec = ServiceSpec;
  using State = ServiceState;

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields);
  static std::string resource_name(const Spec& spec) { return spec.short_name(); }
  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope);
  static void links(Spec& spec, Resource& resource);
  static Result<State> probe(const Spec& spec, const ProbeScope& scope) { return probe_service(spec, scope); }
  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope) {
    return diff_service(want, have, scope);
  }
  static std::string found(const State& have) { return found_service(have); }
};

void Service::describe(Fields<Spec>& fields) {
  fields.name(&Spec::name, "The unit's name, without `.service` or with its ending.");
  fields.choice("scope", &Spec::scope, {"system", "user"},
                "Whose manager has it: the system's or the target user's.", "system");
  fields.optional("enabled", &Spec::enabled, "Whether it starts by itself.", "true");
  fields.optional("running", &Spec::running, "Whether it is up now.", "as `enabled`");
  fields.optional("content", &Spec::content, "The unit file's text, where no package brings it.");
  fields.optional("restart_on", &Spec::restart_on,
                  "Addresses of resources; when one changes it is restarted.");
}

/// The addresses, with their places.
std::vector<ExplicitNeed> restarting(const Declaration& declaration, DecodeScope& scope) {
  std::vector<ExplicitNeed> all;
  for (const auto& [key, value] : declaration.body) {
    if (key.text != "restart_on") continue;
    const auto nodes = value.is_sequence() ? value.items : std::vector<Node>{value};
    for (const auto& node : nodes) {
      const auto address = Address::parse(with_home(node.text, scope.user));
      if (address) {
        all.push_back({*address, node.span});
      } else if (node.is_scalar()) {
        scope.diagnostics.error(
            "recipe.address",
            "expected an address such as `file./etc/docker/daemon.json`, found `" + node.text + "`",
            node.span);
      }
    }
  }
  return all;
}

void Service::inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
  const bool symbolic = scope.facts == nullptr && spec.name.find("<facts.") != std::string::npos;
  const auto declared = spec.name;
  spec.name = unit_name(declared);
  spec.home = scope.user.home;
  for (const auto& [key, value] : declaration.body)
    spec.from_environment = spec.from_environment || (key.text == "content" && value.from_environment);
  if (!is_unit_name(spec.name) && !symbolic)
    scope.diagnostics.error(
        "recipe.value",
        "the name of a unit holds letters, digits and `:_.\\@-`, does not begin with `-`, and "
        "of a template says which instance; found `" +
            declared + "`",
        name.span);
  if (spec.content && declaration.name.is_sequence() && declaration.name.items.size() > 1)
    scope.diagnostics.error("service.content", "`content` is the file of one unit, but this declares several",
                            name.span, "declare each by itself");
  if (spec.content && spec.state != Presence::absent && spec.content->text.find('[') == std::string::npos)
    scope.diagnostics.error("service.content", "a unit file has sections such as `[Service]`, this has none",
                            name.span);
  spec.restarting = restarting(declaration, scope);
}

/// The program of a unit file, where it is a path.
std::string program_of(const std::string& text, const std::string& home) {
  const auto words = unit_values(text, "Service", "ExecStart");
  if (words.empty()) return {};
  auto path = words.front().substr(std::min(words.front().find_first_not_of("@-:+!"), words.front().size()));
  if (path.starts_with("%h/")) path = home + path.substr(2);
  return path.starts_with("/") ? path : std::string();
}

void Service::links(Spec& spec, Resource& resource) {
  resource.offers.push_back({Capability::service, spec.scope + "/" + spec.name, {}});
  Want packages{Capability::apt_package, Want::Match::all};
  packages.with_drivers = spec.name.starts_with("nvidia-");  // these come with the driver
  packages.take = [&spec](const Offer& offer) { spec.packages.push_back(offer.name); };
  resource.wants.push_back(std::move(packages));
  if (spec.content || spec.state == Presence::absent) link_path(spec.path(), resource);
  if (spec.content) {
    if (const auto program = program_of(spec.content->text, spec.home); !program.empty())
      resource.wants.push_back({Capability::path, Want::Match::above, {program}});
  }
  if (spec.state == Presence::absent) return;
  for (const auto& each : spec.restarting) {
    resource.needs.push_back(each);
    if (each.address.kind != "pip_package") continue;
    const auto& name = each.address.name;
    Want venv{Capability::python_env, Want::Match::named, {name.substr(0, name.find('/'))}};
    venv.take = [&spec](const Offer& offer) {
      if (const auto* env = std::get_if<PythonEnvPtr>(&offer.value)) spec.environments.push_back(*env);
    };
    resource.wants.push_back(std::move(venv));
  }
}

}  // namespace

Kind service_kind() { return make_kind<Service>(); }

}  // namespace mlenv
