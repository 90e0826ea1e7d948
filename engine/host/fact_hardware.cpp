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
std::string packaged_version(const std::string& status, const std::string& minor) {
  const auto at = status.find("\nPackage: python" + minor + "-minimal\n");
  const auto start =
      at == std::string::npos && status.starts_with("Package: python" + minor + "-minimal\n") ? 0 : at;
  if (start == std::string::npos) return {};
  const auto stanza = std::string_view(status).substr(start, status.find("\n\n", start + 1) - start);
  const auto field = stanza.find("\nVersion: ");
  if (field == std::string_view::npos) return {};
  auto version = stanza.substr(field + 10);
  version = version.substr(0, version.find('\n'));
  const auto end = version.find_first_not_of("0123456789.");
  version = version.substr(0, end);
  return version.starts_with(minor + ".") ? std::string(version) : std::string();
}

/// `python3.11` -> `3.11`; nothing for `python3-config` and the like.
std::string minor_of(const std::string& name) {
  if (!name.starts_with("python3.")) return {};
  const auto minor = name.substr(6);
  return minor.find_first_not_of("0123456789", 2) == std::string::npos && minor.size() > 2 ? minor
                                                                                           : std::string();
}

}  // namespace

std::vector<Python> probe_pythons(const HostReader& host) {
  std::vector<Python> pythons;
  const auto status = host.read_file("/var/lib/dpkg/status");
  std::optional<std::string> main;
  for (const std::string folder : {"/usr/local/bin", "/usr/bin"}) {
    if (!main) main = resolve_links(host, join_path(folder, "python3"));
    const auto entries = host.list(folder);
    if (!entries) continue;
    for (const auto& entry : *entries) {
      const auto path = join_path(folder, entry.name);
      auto version = minor_of(entry.name);
      if (version.empty() || !exists(host, path)) continue;
      if (folder == "/usr/bin" && status && *status) {
        const auto packaged = packaged_version(**status, version);
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
