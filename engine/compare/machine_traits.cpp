#include <map>

#include "base/text.hpp"
#include "compare/portrait_traits.hpp"

namespace mlenv {
namespace {

Fact<std::string> said(const std::optional<std::string>& value) {
  return value ? Fact<std::string>(*value) : Fact<std::string>(Unknown{});
}

/// The fact in words; what is not known stays so.
template <class T, class Words>
Fact<std::string> in_words(const Fact<T>& fact, Words words) {
  if (const auto* value = known(fact)) return words(*value);
  if (const auto* unknown = std::get_if<Unknown>(&fact)) return *unknown;
  return Absent{};
}

Fact<std::string> yes_or_no(const Fact<bool>& fact, const char* yes, const char* no) {
  return in_words(fact, [&](bool value) { return std::string(value ? yes : no); });
}

void add_driver(const Facts& facts, std::vector<Trait>& traits) {
  const auto add = [&](const char* name, Fact<std::string> value) {
    traits.push_back({"driver", name, std::move(value), true});
  };
  const auto* driver = known(facts.driver);
  if (driver == nullptr) {
    add("installed", in_words(facts.driver, [](const Driver&) { return std::string(); }));
  } else {
    add("installed", said(driver->userspace ? driver->userspace : driver->loaded));
    add("loaded", said(driver->loaded));
    add("runs CUDA up to", said(driver->cuda));
    add("kernel modules", said(driver->flavour));
    add("status", said(driver->status));
  }
  const auto* packages = known(facts.ground.packages);
  std::map<std::string, int> origins;
  if (packages != nullptr) {
    for (const auto& each : *packages) ++origins[each.origin];
    std::vector<std::string> words;
    for (const auto& [origin, count] : origins) words.push_back(origin);
    if (!words.empty()) add("packages from", join(words, ", "));
  }
  if (const auto* run_file = known(facts.ground.run_file)) add("run file", *run_file);
  add("nouveau", yes_or_no(facts.nouveau_loaded, "loaded", "not loaded"));
}

void add_cards(const Facts& facts, std::vector<Trait>& traits) {
  const auto* gpus = known(facts.gpus);
  if (gpus == nullptr) {
    traits.push_back(
        {"cards", "cards", in_words(facts.gpus, [](const auto&) { return std::string(); }), true});
    return;
  }
  traits.push_back({"cards", "number", std::to_string(gpus->size()), true});
  int number = 0;
  for (const auto& gpu : *gpus) {
    const auto name = "card " + std::to_string(++number);
    traits.push_back({"cards", name, gpu.name.value_or(gpu.pci_id), true});
    traits.push_back({"cards", name + " compute capability", said(gpu.compute_capability), true});
    if (gpu.memory_bytes) traits.push_back({"cards", name + " memory", size_text(*gpu.memory_bytes), true});
    if (gpu.mig) traits.push_back({"cards", name + " MIG", std::string(*gpu.mig ? "on" : "off"), true});
  }
}

void add_cuda(const Facts& facts, std::vector<Trait>& traits) {
  const auto* toolkits = known(facts.cuda_toolkits);
  if (toolkits == nullptr) {
    traits.push_back(
        {"cuda", "toolkits", in_words(facts.cuda_toolkits, [](const auto&) { return std::string(); }), true});
  } else {
    for (const auto& each : *toolkits) {
      if (each.current) traits.push_back({"cuda", "current toolkit", each.version, true});
    }
    for (const auto& each : *toolkits)
      traits.push_back(
          {"cuda", "toolkit " + each.version, each.release.empty() ? each.path : each.release, true});
  }
  const auto* cudnn = known(facts.cudnn);
  if (cudnn == nullptr) {
    traits.push_back(
        {"cuda", "cudnn", in_words(facts.cudnn, [](const auto&) { return std::string(); }), true});
    return;
  }
  for (const auto& each : *cudnn)
    traits.push_back(
        {"cuda", "cudnn" + (each.package.empty() ? "" : " (" + each.package + ")"), each.version, true});
}

void add_system(const Facts& facts, std::vector<Trait>& traits) {
  const auto add = [&](const char* name, Fact<std::string> value, bool gpu = false) {
    traits.push_back({"system", name, std::move(value), gpu});
  };
  add("os", in_words(facts.os, [](const Os& os) { return os.id + " " + os.version_id; }));
  add("kernel", facts.kernel);
  add("architecture", facts.arch);
  add("runs as", facts.virt);
  add("secure boot", yes_or_no(facts.secure_boot, "on", "off"), true);
  add("reboot", yes_or_no(facts.ground.reboot_required, "pending", "not pending"), true);
}

void add_pythons(const Facts& facts, std::vector<Trait>& traits) {
  if (!facts.pythons.empty()) traits.push_back({"python", "python3", facts.pythons.front().version});
  for (const auto& each : facts.pythons) traits.push_back({"python", each.path, each.version});
}

}  // namespace

std::vector<Trait> machine_traits(const Facts& facts) {
  std::vector<Trait> traits;
  add_driver(facts, traits);
  add_cards(facts, traits);
  add_cuda(facts, traits);
  add_system(facts, traits);
  add_pythons(facts, traits);
  return traits;
}

}  // namespace mlenv
