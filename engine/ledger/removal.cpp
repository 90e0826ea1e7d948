#include "ledger/removal.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "base/text.hpp"
#include "ledger/apt_removal.hpp"
#include "ledger/rpm_removal.hpp"
#include "ledger/standing.hpp"
#include "resource/fenced_block.hpp"
#include "resource/systemd_unit.hpp"

namespace mlenv {
namespace {

using Sort = Effect::Sort;
using Effects = std::map<std::string, std::vector<Effect>>;  ///< by address

/// What must be known of all that goes before one can say of each whether it goes.
struct Survey {
  AptRemoval packages;
  std::map<std::string, std::string> rpm_kept;  ///< rpm packages that stay: an installed one that needs it
  bool purge = true;                            ///< nobody has changed the settings of the packages that go
  std::map<std::string, std::vector<std::string>> changed_settings;  ///< by package
  std::set<std::string> paths;                                       ///< files and venvs that go
  std::set<std::string> folders;
  std::map<std::string, std::vector<std::string>> foreign;  ///< by venv: why it stays
};

std::string status_text(const HostReader& host) {
  const auto text = host.read_file("/var/lib/dpkg/status");
  return text && *text ? **text : std::string();
}

/// The packages of one sort that are there as mlenvctl has brought them.
std::set<std::string> standing_names(Sort sort, const Effects& effects, const ProbeScope& scope) {
  std::set<std::string> names;
  for (const auto& [address, made] : effects) {
    for (const auto& each : made) {
      if (each.sort == sort && standing_of(each, scope) == Standing::as_made) names.insert(each.name);
    }
  }
  return names;
}

void survey_packages(const Effects& effects, const ProbeScope& scope, Survey& survey) {
  const auto of_rpm = standing_names(Sort::rpm_package, effects, scope);
  if (!of_rpm.empty()) survey.rpm_kept = kept_rpm_packages(rpm_database(scope).packages, of_rpm);
  const auto names = standing_names(Sort::package, effects, scope);
  if (names.empty()) return;
  const auto status = status_text(scope.host);
  survey.packages = removable_packages(status, names);
  for (const auto& file : configuration_files(status, survey.packages.removable)) {
    const auto bytes = scope.host.read_file(file.path);
    if (bytes && *bytes && md5_hex(**bytes) != file.md5)
      survey.changed_settings[file.package].push_back(file.path);
  }
  survey.purge = survey.changed_settings.empty();
}

std::vector<std::string> distributions_in(const Effects& effects, const std::string& prefix) {
  std::vector<std::string> names = {"pip", "setuptools", "wheel", "pkg-resources"};
  for (const auto& [address, made] : effects) {
    for (const auto& each : made) {
      if (each.sort == Sort::distribution && each.path == prefix) names.push_back(each.name);
    }
  }
  return names;
}

/// The files that hold nothing but blocks of which every entry goes.
void survey_blocks(const Effects& effects, const ProbeScope& scope, Survey& survey) {
  std::map<std::pair<std::string, std::string>, EditBlock> edits;
  for (const auto& [address, made] : effects) {
    for (const auto& each : made) {
      if (each.sort != Sort::entry) continue;
      auto& edit = edits[{each.path, each.block}];
      edit.path = each.path;
      edit.block = each.block;
      edit.remove.push_back(each.name);
    }
  }
  for (const auto& [place, edit] : edits) {
    const auto text = scope.host.read_file(edit.path);
    if (!text || !*text) continue;
    const auto rest = edit_block(*text, edit);
    if (rest && !*rest) survey.paths.insert(edit.path);
  }
}

/// A folder goes when all that is in it goes.
bool empties(const std::string& folder, const Survey& survey, const HostReader& host) {
  const auto entries = host.list(folder);
  if (!entries) return false;
  return std::all_of(entries->begin(), entries->end(), [&](const DirectoryEntry& entry) {
    const auto path = folder + "/" + entry.name;
    return survey.paths.count(path) > 0 || survey.folders.count(path) > 0;
  });
}

void survey_paths(const Effects& effects, const ProbeScope& scope, Survey& survey) {
  survey_blocks(effects, scope, survey);
  std::set<std::string, std::greater<>> folders;  // those below come before those above
  for (const auto& [address, made] : effects) {
    for (const auto& each : made) {
      if (each.sort == Sort::folder) folders.insert(each.path);
      if (standing_of(each, scope) != Standing::as_made) continue;
      if (each.sort == Sort::file && !each.former) survey.paths.insert(each.path);
      if (each.sort == Sort::moved) survey.paths.insert(each.to);
      if (each.sort != Sort::venv) continue;
      auto foreign = foreign_in_venv(each.path, distributions_in(effects, each.path), scope.host);
      if (foreign.empty()) survey.paths.insert(each.path);
      survey.foreign[each.path] = std::move(foreign);
    }
  }
  for (const auto& folder : folders) {
    if (empties(folder, survey, scope.host)) survey.folders.insert(folder);
  }
}

/// The decision on one resource of the ledger.
class Remover {
 public:
  Remover(const std::vector<Effect>& made, const Survey& survey, const Ledger& ledger,
          const ProbeScope& scope)
      : made_(made), survey_(survey), ledger_(ledger), scope_(scope) {}

  Decision decide() {
    // What came last goes first.
    for (auto effect = made_.rbegin(); effect != made_.rend(); ++effect) look_at(*effect);
    end_transaction();
    if (decision_.steps.empty()) {
      decision_.because = decision_.findings.empty() ? "it is gone already" : "it stays";
      return std::move(decision_);
    }
    decision_.action = Action::remove;
    decision_.because = because_.empty() ? "mlenvctl has made it" : because_;
    return std::move(decision_);
  }

 private:
  void look_at(const Effect& effect) {
    const auto standing = standing_of(effect, scope_);
    if (standing == Standing::absent) return;
    if (standing == Standing::changed)
      return keep(name_of(effect) + " was changed since mlenvctl made it; it stays", former_hint(effect));
    switch (effect.sort) {
      case Sort::file:
        return file(effect);
      case Sort::folder:
        return folder(effect);
      case Sort::venv:
        return venv(effect);
      case Sort::entry:
        return step(EditBlock{effect.path, effect.block, {}, {effect.name}, effect.privilege});
      case Sort::moved:
        because_ = "what was set aside comes back";
        return step(MovePath{effect.to, effect.path, effect.privilege});
      case Sort::package:
        return package(effect);
      case Sort::hold:
        return hold(effect);
      case Sort::rpm_package:
        return rpm_package(effect);
      case Sort::distribution:
        return distribution(effect);
      case Sort::enabled:
        return control(ControlUnit::Verb::disable, effect);
      case Sort::running:
        return control(ControlUnit::Verb::stop, effect);
      case Sort::member:
        return step(SetMembership{effect.block, effect.name, false});
    }
  }

  void control(ControlUnit::Verb verb, const Effect& effect) {
    const auto unit_scope = is_of_system(effect) ? UnitScope::system : UnitScope::user;
    const auto at_work = manager_runs({scope_.host, scope_.facts.user, unit_scope});
    step(ControlUnit{verb, effect.name, unit_scope, !(at_work && *at_work), effect.privilege});
  }

  void file(const Effect& effect) {
    if (!effect.former) return step(RemovePath{effect.path, false, effect.privilege});
    const auto bytes = ledger_.former_bytes(effect);
    if (!bytes) return keep("what stood at " + name_of(effect) + " before is not kept; it stays", {});
    because_ = "what stood there before comes back";
    step(WriteFile{effect.path, *bytes, effect.former->mode, effect.former->owner, effect.privilege});
  }
  void folder(const Effect& effect) {
    if (survey_.folders.count(effect.path) > 0) return step(RemovePath{effect.path, false, effect.privilege});
    keep(name_of(effect) + " holds what mlenvctl did not make; it stays", {});
  }
  void venv(const Effect& effect) {
    const auto foreign = survey_.foreign.find(effect.path);
    if (foreign == survey_.foreign.end() || foreign->second.empty())
      return step(RemovePath{effect.path, true, effect.privilege});
    keep(name_of(effect) + " holds what mlenvctl did not put there: " + join(foreign->second, ", ") +
             "; it stays",
         "take out what is wanted, and remove the folder");
  }
  void package(const Effect& effect) {
    const auto bare = effect.name.substr(0, effect.name.find(':'));
    if (survey_.packages.removable.count(bare) > 0) {
      transaction_.remove.push_back(effect.name);
      transaction_.purge = survey_.purge;
      const auto settings = survey_.changed_settings.find(bare);
      if (settings != survey_.changed_settings.end())
        keep("`" + join(settings->second, "`, `") + "` was changed by somebody; it stays", {});
      return;
    }
    const auto kept = survey_.packages.kept.find(bare);
    const auto by =
        kept == survey_.packages.kept.end() ? std::string("another package") : "`" + kept->second + "`";
    keep("`" + effect.name + "` is needed by " + by + "; it stays", {}, Severity::note);
  }
  void hold(const Effect& effect) { transaction_.unhold.push_back(effect.name); }
  void rpm_package(const Effect& effect) {
    const auto kept = survey_.rpm_kept.find(effect.name);
    if (kept == survey_.rpm_kept.end())
      return step(RpmTransaction{effect.to, RpmTransaction::Verb::take_back, {{effect.name}}});
    keep("`" + effect.name + "` is needed by `" + kept->second + "`; it stays", {}, Severity::note);
  }
  void distribution(const Effect& effect) {
    if (survey_.paths.count(effect.path) > 0) return;  // goes with its venv
    if (!uninstall_) uninstall_ = PipUninstall{effect.path, {}, "pip", effect.privilege};
    uninstall_->names.push_back(effect.name);
  }

  void step(Step made) { decision_.steps.push_back(std::move(made)); }
  void end_transaction() {
    if (uninstall_) decision_.steps.insert(decision_.steps.begin(), *uninstall_);
    if (!transaction_.remove.empty() || !transaction_.unhold.empty())
      decision_.steps.insert(decision_.steps.begin(), transaction_);
  }
  void keep(std::string message, std::string hint, Severity severity = Severity::warning) {
    decision_.findings.push_back({"ledger.kept", std::move(message), std::move(hint), severity});
  }
  static std::string name_of(const Effect& effect) {
    return "`" + (effect.path.empty() ? effect.name : effect.path) + "`";
  }
  std::string former_hint(const Effect& effect) const {
    return effect.former ? "what stood there before is kept as " + ledger_.former_path(effect)
                         : std::string();
  }

  const std::vector<Effect>& made_;
  const Survey& survey_;
  const Ledger& ledger_;
  const ProbeScope& scope_;
  Decision decision_;
  AptTransaction transaction_;
  std::optional<PipUninstall> uninstall_;
  std::string because_;
};

/// Whether a recipe declares what was once made under another address.
class Declared {
 public:
  explicit Declared(const Graph& graph) {
    for (const auto& resource : graph.resources) {
      if (resource.state == Presence::absent) continue;
      for (const auto& offer : resource.offers) {
        names_.insert({offer.capability, offer.name});
        if (offer.capability != Capability::python_env) continue;
        prefixes_[offer.name] = std::get<PythonEnvPtr>(offer.value)->prefix;
      }
    }
  }
  bool has(const Effect& effect) const {
    switch (effect.sort) {
      case Sort::package:
      case Sort::hold:
        return names_.count({Capability::apt_package, effect.name}) > 0;
      case Sort::rpm_package:
        return names_.count({Capability::rpm_package, effect.name}) > 0;
      case Sort::distribution:
        return std::any_of(prefixes_.begin(), prefixes_.end(), [&](const auto& venv) {
          return venv.second == effect.path &&
                 names_.count({Capability::pip_package, venv.first + "/" + effect.name}) > 0;
        });
      case Sort::enabled:
      case Sort::running:
        return names_.count(
                   {Capability::service, (is_of_system(effect) ? "system/" : "user/") + effect.name}) > 0;
      case Sort::member:
        return names_.count({Capability::membership, effect.block + "/" + effect.name}) > 0;
      case Sort::venv:
        return std::any_of(prefixes_.begin(), prefixes_.end(),
                           [&](const auto& venv) { return venv.second == effect.path; });
      default:
        return names_.count({Capability::path, effect.path}) > 0;
    }
  }

 private:
  std::set<std::pair<Capability, std::string>> names_;
  std::map<std::string, std::string> prefixes_;
};

/// Each folder goes with the oldest of those that have made it (some at the same time), and after all that is
/// in it.
void settle_folders(const std::vector<std::string>& order, Effects& effects,
                    std::map<std::string, std::set<std::string>>& needs) {
  std::map<std::string, std::string> keeper;
  for (const auto& address : order) {
    auto& made = effects.at(address);
    made.erase(std::remove_if(made.begin(), made.end(),
                              [&](const Effect& each) {
                                return each.sort == Sort::folder &&
                                       keeper.emplace(each.path, address).first->second != address;
                              }),
               made.end());
  }
  for (const auto& [folder, last] : keeper) {
    for (const auto& address : order) {
      if (address == last || needs[last].count(address) > 0) continue;
      const auto& made = effects.at(address);
      const auto inside = [&, above = folder + "/"](const Effect& each) {
        return each.path.starts_with(above) || each.to.starts_with(above);
      };
      if (std::any_of(made.begin(), made.end(), inside)) needs[address].insert(last);
    }
  }
}

/// Adds what needs a target, until nothing more does.
void add_dependents(std::set<std::string>& targets, const std::vector<LedgerEntry>& entries) {
  for (bool again = true; again;) {
    again = false;
    for (const auto& entry : entries) {
      const bool needs = std::any_of(entry.needs.begin(), entry.needs.end(),
                                     [&](const std::string& need) { return targets.count(need) > 0; });
      again = (needs && targets.insert(entry.address).second) || again;
    }
  }
}

/// Resources that go, in reverse order of need; cycles of several recipes' needs are cut open.
Graph linked(std::vector<Resource> resources) {
  Diagnostics ignored;
  if (auto graph = link(resources, ignored)) return std::move(*graph);
  for (auto& resource : resources) resource.needs.clear();
  return *link(std::move(resources), ignored);
}

}  // namespace

Graph removal_graph(const Ledger& ledger, const RemovalRequest& request, const ProbeScope& scope) {
  const auto entries = ledger.entries();
  auto targets = request.targets;
  add_dependents(targets, entries);
  const auto declared =
      request.declared != nullptr ? std::optional<Declared>(*request.declared) : std::nullopt;
  std::set<std::string> addresses;
  if (request.declared != nullptr) {
    for (const auto& resource : request.declared->resources) addresses.insert(resource.address.str());
  }
  auto effects = std::make_shared<Effects>();
  std::map<std::string, std::set<std::string>> needs;
  std::vector<std::string> order;
  for (const auto& entry : entries) {
    const bool meant = (request.recipes.empty() || request.recipes.count(entry.recipe) > 0) &&
                       (targets.empty() || targets.count(entry.address) > 0) &&
                       addresses.count(entry.address) == 0;
    if (!meant || !Address::parse(entry.address)) continue;
    needs[entry.address].insert(entry.needs.begin(), entry.needs.end());
    if (effects->count(entry.address) > 0) continue;
    auto made = merged_effects(entries, entry.address);
    if (declared) {
      made.erase(
          std::remove_if(made.begin(), made.end(), [&](const Effect& each) { return declared->has(each); }),
          made.end());
    }
    effects->emplace(entry.address, std::move(made));
    order.push_back(entry.address);
  }
  settle_folders(order, *effects, needs);
  auto survey = std::make_shared<Survey>();
  survey_packages(*effects, scope, *survey);
  survey_paths(*effects, scope, *survey);
  std::vector<Resource> resources;
  for (auto address = order.rbegin(); address != order.rend(); ++address) {
    Resource resource;
    resource.address = *Address::parse(*address);
    resource.state = Presence::absent;
    for (const auto& need : needs[*address]) {
      if (effects->count(need) > 0 && need != *address) resource.needs.push_back({*Address::parse(need), {}});
    }
    resource.decide = [effects, survey, &ledger, name = *address](const ProbeScope& probe) {
      return Remover(effects->at(name), *survey, ledger, probe).decide();
    };
    resources.push_back(std::move(resource));
  }
  return linked(std::move(resources));
}

Graph joined(Graph graph, const Graph& removal) {
  const auto offset = graph.resources.size();
  const auto moved = [offset](std::vector<std::size_t> indices) {
    for (auto& index : indices) index += offset;
    return indices;
  };
  for (std::size_t i = 0; i < removal.resources.size(); ++i) {
    graph.resources.push_back(removal.resources[i]);
    graph.needs.push_back(moved(removal.needs[i]));
    graph.hard.emplace_back();
    graph.to_build.emplace_back();
    graph.to_bring.emplace_back();
  }
  const auto order = moved(removal.order);
  graph.order.insert(graph.order.end(), order.begin(), order.end());
  return graph;
}

}  // namespace mlenv
