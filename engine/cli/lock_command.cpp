#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/look_ahead.hpp"
#include "cli/open_lock.hpp"
#include "cli/planning.hpp"
#include "cli/screen.hpp"
#include "host/hiding_reader.hpp"
#include "lock/take.hpp"
#include "plan/make_plan.hpp"
#include "resource/python_site.hpp"
#include "resource/venv_files.hpp"
#include "view/lock_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

/// Whether a name given behind `--upgrade` means this address: all of it, or its last part.
bool is_named(const std::vector<std::string>& names, const std::string& address) {
  const auto dot = address.find('.'), slash = address.find('/');
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return name == address || name == address.substr(dot + 1) ||
           (slash != std::string::npos && name == address.substr(slash + 1));
  });
}

/// What stays of a class's pins when these names are to move; with them goes what they bring along.
Pins staying(Pins pins, const std::vector<std::string>& names) {
  const auto named = [&](const auto& entry) { return is_named(names, entry.first); };
  std::erase_if(pins.versions, named);
  std::erase_if(pins.fields, named);
  std::erase_if(pins.along, named);
  for (auto& [address, along] : pins.along) {
    const auto environment = address.substr(0, address.find('/') + 1);
    std::erase_if(along, [&](const std::string& each) {
      return is_named(names, environment + each.substr(0, each.find('=')));
    });
  }
  return pins;
}

/// What the recipe is planned with: the lock that is there, but for what is to move.
Pins planning_pins(const std::optional<Lock>& lock, const HostClass& host, const Arguments& arguments) {
  Pins pins;
  const auto* locked = lock ? lock->find(host) : nullptr;
  const bool all = arguments.upgrade && arguments.names.empty();
  if (locked != nullptr && !all) pins = staying(pins_of(*locked, {}), arguments.names);
  pins.keys.clear();
  pins.misfit = Pins::Misfit::expect;
  if (all) pins.latest.insert("*");
  pins.latest.insert(arguments.names.begin(), arguments.names.end());
  return pins;
}

/// The folders of the recipe's Python environments.
std::vector<std::string> environment_folders(const Planned& planned) {
  std::vector<std::string> folders = {planned.host.facts.user.home + "/.local/lib"};
  for (const auto& resource : planned.loaded.graph.resources) {
    for (const auto& offer : resource.offers) {
      if (const auto* env = std::get_if<PythonEnvPtr>(&offer.value)) folders.push_back((*env)->prefix);
    }
  }
  return folders;
}

/// What an environment has now and keeps, as it would be asked of pip: what is installed, with what the plan
/// changes of that.
std::vector<std::string> kept_versions(const Planned& planned, const std::string& prefix,
                                       const std::vector<std::string>& moving) {
  std::map<std::string, std::string> versions;
  const auto& host = *planned.host.reader;
  const auto config = host.read_file(venv_config_path(prefix));
  const auto minor = config && *config ? python_minor(parse_venv_config(**config).version) : std::string();
  if (auto installed = read_all_distributions(host, own_site_folders(host, prefix, minor))) {
    for (const auto& [name, distribution] : *installed) versions[name] = distribution.version;
  }
  for (const auto& step : planned.plan.steps) {
    const auto* call = std::get_if<PipInstall>(&step.step);
    if (call == nullptr || call->prefix != prefix) continue;
    for (const auto& wheel : call->expected) versions[wheel.name] = wheel.version;
  }
  std::vector<std::string> kept;
  for (const auto& [name, version] : versions) {
    if (std::find(moving.begin(), moving.end(), name) == moving.end()) kept.push_back(name + "==" + version);
  }
  return kept;
}

/// The environments as they would be made from nothing, with pip's answers. False: pip has none.
bool plan_fresh(const Planned& planned, const Arguments& given, Plan& fresh) {
  const auto hidden = hiding_reader(*planned.host.reader, environment_folders(planned));
  fresh = make_plan(planned.loaded.graph, planned.host.facts, *hidden,
                    {planned.plan.recipe, planned.plan.host, true, false});
  std::erase_if(fresh.steps, [](const PlannedStep& step) {
    return !std::holds_alternative<MakeVenv>(step.step) && !std::holds_alternative<PipInstall>(step.step);
  });
  auto arguments = given;
  const bool all = arguments.upgrade && arguments.names.empty();
  for (auto& step : fresh.steps) {
    step.needs.clear();
    auto* call = std::get_if<PipInstall>(&step.step);
    if (call == nullptr || all) continue;
    auto moving = arguments.names;
    moving.emplace_back("pip");
    for (const auto change : step.changes)
      arguments.promised[fresh.changes[change].address.str()] = kept_versions(planned, call->prefix, moving);
  }
  fresh.findings.clear();
  return look_ahead(fresh, planned.host, *hidden, arguments);
}

/// Errors among a plan's findings, each once.
void print_findings(const Plan& plan, const Arguments& arguments) {
  std::set<std::string> said;
  for (const auto& each : plan.findings) {
    if (each.severity == Severity::error && said.insert(each.message).second)
      print_error({each.code, each.message, each.hint}, arguments);
  }
}

std::string text_of(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  return text && *text ? **text : std::string();
}

Result<LockedClass> take(const Planned& planned, const Plan& fresh, const Arguments& arguments) {
  const auto& host = planned.host;
  const auto& graph = planned.loaded.graph;
  ProbeCache cache;
  LockMaterial material{graph, host.facts, *host.reader, cache, planned.plan, fresh};
  auto names = standing_packages(graph, planned.plan);
  if (!names.empty()) {
    material.along = came_along(text_of(*host.reader, "/var/lib/dpkg/status"),
                                text_of(*host.reader, "/var/lib/apt/extended_states"), names);
    for (const auto& each : material.along) names.push_back(each.first);
    auto standing = ask_standing_apt(names, host, arguments);
    if (!standing) return standing.error();
    material.origins = std::move(standing->origins);
    for (const auto& each : standing->indexes) material.indexes.push_back({each.file, each.sha256});
  }
  if (!planned.plan.indexes.empty()) material.indexes.clear();
  for (const auto& each : planned.plan.indexes) material.indexes.push_back({each.file, each.sha256});
  return take_class(material);
}

/// A name that means nothing of the recipe.
std::optional<Error> unknown_name(const Planned& planned, const Arguments& arguments) {
  std::vector<std::string> known;
  for (const auto& resource : planned.loaded.graph.resources) {
    const auto& name = resource.address.name;
    known.push_back(name.substr(name.find('/') + 1));
    known.push_back(resource.address.str());
    known.push_back(name);
  }
  for (const auto& name : arguments.names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = nearest_word(name, known);
    return Error{"arguments.names", "nothing in this recipe is called `" + name + "`",
                 near ? "did you mean `" + *near + "`?" : ""};
  }
  return std::nullopt;
}

void print_moves(const std::string& file, const std::vector<LockMove>& moves, const Arguments& arguments) {
  if (arguments.json) return print(dump(lock_moves_document(file, moves)));
  if (arguments.markdown) return print(lock_moves_markdown(file, moves));
  print(lock_moves_text(file, moves, style_of(arguments, Stream::out)));
}

std::optional<Error> wrong_words(const Arguments& arguments) {
  if (arguments.recipes.size() != 1)
    return Error{"arguments.recipe", "`mlenvctl lock` takes one recipe, a file that ends in .yaml",
                 "`mlenvctl lock recipes/workstation.yaml`"};
  if (!arguments.names.empty() && !arguments.upgrade)
    return Error{"arguments.names",
                 "`" + arguments.names.front() + "` is no recipe (a file that ends in .yaml)",
                 "behind `--upgrade` it is the name of what is to move"};
  return std::nullopt;
}

}  // namespace

int lock_command(const Arguments& given) {
  auto arguments = given;
  if (const auto error = wrong_words(arguments)) return print_error(*error, arguments), exit_bad_input;
  const auto& recipe = arguments.recipes.front();
  const auto before = lock_beside(recipe, arguments);
  if (!before) return print_error(before.error(), arguments), exit_bad_input;
  Diagnostics diagnostics;
  const auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  const auto host_class = class_of(host->facts);
  if (!host_class) return print_error(host_class.error(), arguments), exit_refused;
  arguments.pins = planning_pins(*before, *host_class, arguments);
  const auto result = plan_as_asked(arguments, false, Ahead::ask);
  if (const auto* code = std::get_if<int>(&result)) return *code;
  const auto& planned = std::get<Planned>(result);
  if (const auto error = unknown_name(planned, arguments))
    return print_error(*error, arguments), exit_bad_input;
  if (!planned.feasible) return print_findings(planned.plan, arguments), exit_refused;
  Plan fresh;
  if (!plan_fresh(planned, arguments, fresh)) return print_findings(fresh, arguments), exit_refused;
  auto taken = take(planned, fresh, arguments);
  if (!taken) return print_error(taken.error(), arguments), exit_refused;
  auto after = before->value_or(Lock{});
  after.recipe = planned.loaded.recipe.name;
  after.put(std::move(*taken));
  const auto moves = lock_moves(before->value_or(Lock{}), after);
  // Indexes alone move every day; a lock that means the same stays as it is.
  if (!*before || !moves.empty()) {
    const auto written = write_shared_file(lock_path(recipe), lock_text(after));
    if (!written) return print_error(written.error(), arguments), exit_failed;
  }
  print_moves(lock_path(recipe), moves, arguments);
  return exit_ok;
}

}  // namespace mlenv
