#include "lock/take.hpp"

#include <algorithm>
#include <set>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "host/fact_packages.hpp"
#include "resource/dpkg_status.hpp"
#include "resource/python_site.hpp"
#include "resource/python_wish.hpp"

namespace mlenv {
namespace {

const Change* change_of(const Plan& plan, const Address& address) {
  const auto found = std::find_if(plan.changes.begin(), plan.changes.end(),
                                  [&](const Change& change) { return change.address == address; });
  return found == plan.changes.end() ? nullptr : &*found;
}

/// Whether the recipe means it to be there, on this host.
bool is_wanted(const Resource& resource, const Plan& plan) {
  const auto* change = change_of(plan, resource.address);
  return resource.state != Presence::absent && change != nullptr &&
         change->decision.action != Action::not_applicable;
}

bool comes_from_distribution(const std::string& origin, const Facts& facts) {
  const auto* os = known(facts.os);
  return origin.empty() || os == nullptr || to_lower(origin).starts_with(os->id);
}

class Taking {
 public:
  explicit Taking(const LockMaterial& material) : material_(material) {}

  Result<LockedClass> run() {
    auto host = class_of(material_.facts);
    if (!host) return host.error();
    made_.host = std::move(*host);
    made_.indexes = material_.indexes;
    for (const auto& resource : material_.graph.resources) {
      if (!is_wanted(resource, material_.standing)) continue;
      if (!resource.settled.empty()) made_.choices.push_back({resource.address.str(), resource.settled});
      if (!resource.fingerprints.empty())
        made_.keys.push_back({resource.address.str(), resource.fingerprints});
      if (resource.address.kind == "apt_package") take_deb(resource);
    }
    take_brought();
    for (const auto& step : material_.fresh.steps) {
      if (auto error = take_wheels(step)) return *error;
    }
    std::sort(made_.debs.begin(), made_.debs.end(),
              [](const LockedDeb& a, const LockedDeb& b) { return a.name < b.name; });
    for (auto& environment : made_.environments) finish(environment);
    return std::move(made_);
  }

 private:
  void add_deb(LockedDeb deb) {
    if (!deb.declared && comes_from_distribution(deb.origin, material_.facts)) return;
    if (!seen_.insert(deb.name).second) return;
    if (deb.declared && is_driver_package(deb.name) && made_.driver.empty())
      made_.driver = deb.version.substr(0, deb.version.find('.'));
    made_.debs.push_back(std::move(deb));
  }

  std::string origin_of(const std::string& name) const {
    const auto found = material_.origins.find(name);
    return found == material_.origins.end() ? std::string() : found->second;
  }

  void take_deb(const Resource& resource) {
    const auto& change = *change_of(material_.standing, resource.address);
    const auto& name = resource.address.name;
    const bool declared = resource.locked_with.empty();
    for (const auto& package : change.packages) {
      if (package.manager == "apt" && package.declared && package.name == name)
        return add_deb({name, package.after, package.origin, declared});
    }
    const ProbeScope scope{material_.host, material_.facts, material_.cache};
    const auto record = dpkg_database(scope).packages.find(name);
    const bool there = record && record->is_installed();
    add_deb(
        {name, there ? record->version : std::string(), there ? origin_of(name) : std::string(), declared});
  }

  void take_brought() {
    for (const auto& change : material_.standing.changes) {
      for (const auto& package : change.packages) {
        if (package.manager == "apt" && !package.after.empty())
          add_deb({package.name, package.after, package.origin});
      }
    }
    for (const auto& [name, version] : material_.along) add_deb({name, version, origin_of(name)});
  }

  LockedEnvironment& environment(const std::string& name) {
    for (auto& each : made_.environments) {
      if (each.name == name) return each;
    }
    return made_.environments.emplace_back(LockedEnvironment{name, {}, {}});
  }

  /// Of one call of pip's: the wheels, each by the change that brings it.
  std::optional<Error> take_wheels(const PlannedStep& step) {
    const auto* call = std::get_if<PipInstall>(&step.step);
    const auto* venv = std::get_if<MakeVenv>(&step.step);
    if (call == nullptr && venv == nullptr) return std::nullopt;
    const auto& wheels = call != nullptr ? call->expected : venv->expected;
    for (const auto index : step.changes) {
      const auto& change = material_.fresh.changes[index];
      if (change.known_after != 0) return unknown(change);
      auto& locked = environment(environment_of(change.address));
      for (const auto& package : change.packages) {
        const auto wheel = std::find_if(wheels.begin(), wheels.end(), [&](const Wheel& each) {
          return package.manager == "pip" && each.name == package.name && each.version == package.after;
        });
        if (wheel != wheels.end()) locked.wheels.push_back({*wheel, bringer(change.address)});
      }
    }
    return std::nullopt;
  }

  /// The address that a wheel is locked under: for what only a lock names, what brought it.
  std::string bringer(const Address& address) const {
    for (const auto& resource : material_.graph.resources) {
      if (resource.address == address && !resource.locked_with.empty()) return resource.locked_with;
    }
    return address.str();
  }

  static Error unknown(const Change& change) {
    return {"lock.unknown", "which wheels `" + change.address.str() + "` brings cannot be told on this host",
            "`mlenvctl apply` first, then lock"};
  }

  /// The Python of a venv is written in the `found` of its decision, or in what will make it.
  void finish(LockedEnvironment& environment) const {
    std::sort(environment.wheels.begin(), environment.wheels.end(),
              [](const LockedWheel& a, const LockedWheel& b) { return a.wheel.name < b.wheel.name; });
    const auto* change = change_of(material_.standing, {"venv", environment.name});
    if (change == nullptr) return;
    constexpr std::string_view words = "Python ";
    const auto& found = change->decision.found;
    if (found.starts_with(words) && !change_replaces(*change))
      environment.python = python_minor(found.substr(words.size()));
    for (const auto& step : material_.fresh.steps) {
      const auto* venv = std::get_if<MakeVenv>(&step.step);
      if (venv == nullptr || !environment.python.empty()) continue;
      if (material_.fresh.changes[step.changes.front()].address.name == environment.name)
        environment.python = python_of(*venv);
    }
  }

  static bool change_replaces(const Change& change) {
    return change.decision.action == Action::create || change.decision.action == Action::replace;
  }

  std::string python_of(const MakeVenv& venv) const {
    for (const auto& python : material_.facts.pythons) {
      if (python.path == venv.interpreter) return python_minor(python.version);
    }
    const auto wish = PythonWish::parse(venv.specifier);
    const auto chosen = wish ? choose_python(material_.facts.pythons, *wish) : std::nullopt;
    return chosen ? python_minor(chosen->version) : std::string();
  }

  const LockMaterial& material_;
  LockedClass made_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<std::string> standing_packages(const Graph& graph, const Plan& standing) {
  std::vector<std::string> names;
  for (const auto& resource : graph.resources) {
    if (resource.address.kind != "apt_package" || !is_wanted(resource, standing)) continue;
    if (change_of(standing, resource.address)->packages.empty()) names.push_back(resource.address.name);
  }
  return names;
}

Result<LockedClass> take_class(const LockMaterial& material) { return Taking(material).run(); }

}  // namespace mlenv
