#include "host/fact_packages.hpp"

#include <array>

#include "base/text.hpp"
#include "host/caching_reader.hpp"

namespace mlenv {

extern const std::string_view driver_package_table;

namespace {

constexpr std::array<std::string_view, 9> interesting = {"nvidia-",          "libnvidia-",
                                                         "libcuda1",         "cuda-drivers",
                                                         "linux-",           "xserver-xorg-video-nvidia",
                                                         "firmware-nvidia-", "unattended-upgrades",
                                                         "python3."};

bool is_interesting(std::string_view name) {
  if (name.find("cudnn") != std::string_view::npos) return true;
  for (const auto prefix : interesting) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

Fact<std::vector<FactPackage>> probe_packages(const HostReader& host) {
  const auto status = share_status_file(host);
  if (!status) return Unknown{status.error().message};
  if (!*status) return Absent{};
  std::vector<FactPackage> packages;
  for (const auto& [name, stanza] : (*status)->stanzas) {
    if (!is_interesting(name)) continue;
    const auto state = trim(stanza_field(stanza, "\nStatus: "));
    if (!state.ends_with(" installed")) continue;
    packages.push_back({std::string(name), std::string(trim(stanza_field(stanza, "\nVersion: "))),
                        std::string(trim(stanza_field(stanza, "\nMaintainer: "))),
                        state.starts_with("hold ")});
  }
  return packages;
}

namespace {

struct DriverPrefix {
  std::string_view prefix;
  bool part = false;
};

std::vector<DriverPrefix> driver_prefixes() {
  std::vector<DriverPrefix> all;
  for (const auto line : split_lines(driver_package_table)) {
    const auto tab = line.find('\t');
    if (line.starts_with("#") || tab == std::string_view::npos) continue;
    all.push_back({line.substr(0, tab), line.substr(tab + 1) == "yes"});
  }
  return all;
}

}  // namespace

bool is_driver_package(std::string_view name) {
  static const auto prefixes = driver_prefixes();
  std::size_t longest = 0;
  bool part = false;
  for (const auto& each : prefixes) {
    if (!name.starts_with(each.prefix) || each.prefix.size() < longest) continue;
    longest = each.prefix.size();
    part = each.part;
  }
  return part;
}

}  // namespace mlenv
