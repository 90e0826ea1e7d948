#include "lock/lock.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace mlenv {

std::string HostClass::str() const {
  return os + ", " + arch + ", " + (gpu == "none" ? "no gpu" : "gpu " + gpu);
}

Result<HostClass> class_of(const Facts& facts) {
  const auto* os = known(facts.os);
  if (os == nullptr) return Error{"lock.class", "which distribution this host has is not known", {}};
  HostClass made{os->id + " " + os->version_id, facts.arch, "none"};
  if (const auto* unknown = std::get_if<Unknown>(&facts.gpus))
    return Error{"lock.class", "which cards this host has is not known: " + unknown->why, {}};
  const auto* gpus = known(facts.gpus);
  if (gpus == nullptr || gpus->empty()) return made;
  std::set<std::string> capabilities;
  for (const auto& gpu : *gpus) capabilities.insert(gpu.compute_capability.value_or(gpu.pci_id));
  made.gpu = join({capabilities.begin(), capabilities.end()}, " ");
  return made;
}

const LockedClass* Lock::find(const HostClass& host) const {
  const auto found =
      std::find_if(classes.begin(), classes.end(), [&](const auto& each) { return each.host == host; });
  return found == classes.end() ? nullptr : &*found;
}

void Lock::put(LockedClass locked) {
  const auto place = std::lower_bound(classes.begin(), classes.end(), locked,
                                      [](const auto& a, const auto& b) { return a.host < b.host; });
  if (place != classes.end() && place->host == locked.host) {
    *place = std::move(locked);
  } else {
    classes.insert(place, std::move(locked));
  }
}

std::string environment_of(const Address& address) {
  return address.kind == "venv" ? address.name : address.name.substr(0, address.name.find('/'));
}

std::string lock_path(const std::string& recipe) { return recipe + ".lock"; }

namespace {

void pin_environment(const LockedEnvironment& environment, Pins& pins) {
  if (environment.name != "user" && !environment.python.empty())
    pins.fields["venv." + environment.name]["python"] = "==" + environment.python + ".*";
  for (const auto& [wheel, by] : environment.wheels) {
    const auto address = "pip_package." + environment.name + "/" + wheel.name;
    if (by == address) {
      pins.versions[address] = wheel.version;
    } else if (by.starts_with("venv.")) {
      if (wheel.name == "pip") pins.fields[by]["pip"] = "==" + wheel.version;
    } else {
      pins.along[by].push_back(wheel.name + "==" + wheel.version);
    }
  }
}

}  // namespace

Pins pins_of(const LockedClass& locked, const std::string& file) {
  Pins pins;
  pins.file = file;
  for (const auto& key : locked.keys) pins.keys[key.address] = key.fingerprints;
  for (const auto& choice : locked.choices) {
    for (const auto& [field, value] : choice.settled) pins.fields[choice.address][field] = value;
  }
  for (const auto& deb : locked.debs) {
    if (deb.declared) pins.versions["apt_package." + deb.name] = deb.version;
    if (!deb.declared) pins.debs[deb.name] = deb.version;
  }
  for (const auto& environment : locked.environments) pin_environment(environment, pins);
  return pins;
}

}  // namespace mlenv
