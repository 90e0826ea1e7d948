#include <algorithm>

#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

Fact<std::vector<DriverPackage>> driver_packages(const Fact<std::vector<FactPackage>>& packages) {
  if (const auto* unknown = std::get_if<Unknown>(&packages)) return *unknown;
  std::vector<DriverPackage> all;
  if (const auto* installed = known(packages)) {
    for (const auto& each : *installed) {
      if (!is_driver_package(each.name)) continue;
      const bool nvidias = to_lower(each.maintainer).find("nvidia.com") != std::string::npos;
      all.push_back({each.name, each.version, nvidias ? "nvidia" : "distribution", each.held});
    }
  }
  return all;
}

/// What NVIDIA's .run installer leaves to undo itself.
Fact<std::string> run_file(const HostReader& host, const Fact<Driver>& driver) {
  if (!exists(host, "/usr/bin/nvidia-uninstall")) return Absent{};
  const auto* found = known(driver);
  return found != nullptr && found->userspace ? *found->userspace : std::string("unknown version");
}

}  // namespace

DriverGround probe_driver_ground(const HostReader& host, const Fact<std::string>& kernel,
                                 const Fact<Driver>& driver, const Fact<std::vector<FactPackage>>& packages) {
  DriverGround ground;
  ground.newest_kernel = probe_newest_kernel(host);
  ground.headers = probe_headers(host, kernel);
  ground.newest_headers = probe_headers(host, ground.newest_kernel);
  ground.nouveau_blocked = probe_nouveau_blocked(host);
  ground.dkms = probe_dkms(host);
  ground.packages = driver_packages(packages);
  ground.run_file = run_file(host, driver);
  ground.mok_enrolled = probe_mok_enrolled(host);
  ground.mok_pending = probe_mok_pending(host);
  ground.unattended_upgrades = probe_unattended_upgrades(host, packages);
  ground.reboot_required = exists(host, "/run/reboot-required") || exists(host, "/var/run/reboot-required");
  const auto* found = known(driver);
  // The log is long, and tells of nothing that is not in order.
  ground.last_upgrade = found != nullptr && found->status && *found->status != "ok"
                            ? probe_last_upgrade(host)
                            : Fact<DriverUpgrade>(Unknown{"not looked for: the driver is as it should be"});
  return ground;
}

CudaOverrides cuda_overrides(const Environment& environment) {
  const auto value = [&](const char* name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(std::string(trim(found->second)));
  };
  return {value("CONDA_OVERRIDE_CUDA"), value("CONDA_OVERRIDE_CUDA_ARCH"), value("UV_CUDA_DRIVER_VERSION")};
}

}  // namespace mlenv
