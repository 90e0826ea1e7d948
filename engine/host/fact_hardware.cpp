#include <algorithm>

#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

constexpr const char* pci_devices = "/sys/bus/pci/devices";

std::string attribute(const HostReader& host, const std::string& device, const char* name) {
  const auto text = host.read_file(join_path(device, name));
  if (!text || !*text) return {};
  auto value = std::string(trim(**text));
  return value.starts_with("0x") ? value.substr(2) : value;
}

}  // namespace

bool is_jetson(const HostReader& host) {
  if (exists(host, "/etc/nv_tegra_release")) return true;
  const auto board = host.read_file("/proc/device-tree/compatible");
  return board && *board && (*board)->find("nvidia,tegra") != std::string::npos;
}

Fact<std::vector<Gpu>> probe_pci_gpus(const HostReader& host) {
  const auto devices = host.list(pci_devices);
  if (!devices) return Unknown{devices.error().message};
  if (devices->empty() && !exists(host, "/sys/bus")) return Unknown{"there is no /sys to look at"};
  std::vector<Gpu> gpus;
  for (const auto& entry : *devices) {
    const auto device = join_path(pci_devices, entry.name);
    if (attribute(host, device, "vendor") != "10de") continue;
    // PCI base class 03: display controllers. Source: PCI Code and ID Assignment Specification.
    if (!attribute(host, device, "class").starts_with("03")) continue;
    Gpu gpu;
    gpu.pci_address = entry.name;
    gpu.pci_id = "10de:" + attribute(host, device, "device");
    gpu.source = "pci";
    gpus.push_back(std::move(gpu));
  }
  if (!gpus.empty()) return gpus;
  if (is_jetson(host)) return Unknown{"the GPU of a Jetson is on no bus"};
  if (exists(host, "/dev/dxg")) return Unknown{"the cards are those of Windows, which shows none on a bus"};
  if (exists(host, "/dev/nvidiactl")) return Unknown{"a card is there, and its bus is not shown here"};
  return gpus;
}

namespace {

/// Versions of Debian's `python3.N-minimal` packages: `python3.11-minimal` -> `3.11.2`.
std::string packaged_version(const Fact<std::vector<FactPackage>>& packages, const std::string& minor) {
  const auto* installed = known(packages);
  if (installed == nullptr) return {};
  for (const auto& package : *installed) {
    if (package.name != "python" + minor + "-minimal") continue;
    auto version = package.version.substr(0, package.version.find_first_not_of("0123456789."));
    return version.starts_with(minor + ".") ? version : std::string();
  }
  return {};
}

/// The versions that a Python may have, as a folder's listing would have them: by their text.
std::vector<std::string> possible_minors() {
  constexpr int newest = 30;
  std::vector<std::string> minors;
  for (int minor = 0; minor <= newest; ++minor) minors.push_back("3." + std::to_string(minor));
  std::sort(minors.begin(), minors.end());
  return minors;
}

}  // namespace

std::vector<Python> probe_pythons(const HostReader& host, const Fact<std::vector<FactPackage>>& packages) {
  std::vector<Python> pythons;
  std::optional<std::string> main;
  for (const std::string folder : {"/usr/local/bin", "/usr/bin"}) {
    if (!main) main = resolve_links(host, join_path(folder, "python3"));
    // A folder of programs has thousands of them; asking for these few is less work than listing it.
    const auto minors = possible_minors();
    std::vector<std::string> names;
    for (const auto& minor : minors) names.push_back("python" + minor);
    const auto found = host.stat_entries(folder, names);
    for (std::size_t i = 0; found && i < minors.size(); ++i) {
      if (!(*found)[i]) continue;
      const auto path = join_path(folder, names[i]);
      auto version = minors[i];
      if (folder == "/usr/bin") {
        const auto packaged = packaged_version(packages, version);
        if (!packaged.empty()) version = packaged;
      }
      pythons.push_back({path, version});
    }
  }
  std::stable_partition(pythons.begin(), pythons.end(), [&](const Python& python) {
    return main && resolve_links(host, python.path) == main;
  });
  return pythons;
}

}  // namespace mlenv
