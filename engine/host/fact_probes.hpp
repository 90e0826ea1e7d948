#pragma once

#include "host/command.hpp"
#include "host/fact_packages.hpp"
#include "host/facts.hpp"

namespace mlenv {

/// metal, vm, container or wsl2, from what /proc and /sys say; unknown in a tree without them.
Fact<std::string> probe_virt(const HostReader& host);

/// A Jetson: a board whose GPU is part of the chip, and whose driver is part of the board's own software.
bool is_jetson(const HostReader& host);

/// NVIDIA's display controllers on the PCI bus: address and id, nothing that only a driver knows.
Fact<std::vector<Gpu>> probe_pci_gpus(const HostReader& host);

/// CPython interpreters in /usr/local/bin and /usr/bin, the one that `python3` means first. By file names;
/// the patch level from dpkg's database where it is Debian's own.
std::vector<Python> probe_pythons(const HostReader& host, const Fact<std::vector<FactPackage>>& packages);

/// The driver from files: module version and flavour from /proc and /sys, libraries by their names.
Fact<Driver> probe_driver(const HostReader& host);

/// Toolkits in /usr/local/cuda-*, and the distribution's own; version from version.json or the headers.
Fact<std::vector<CudaToolkit>> probe_cuda_toolkits(const HostReader& host);

/// cuDNN from dpkg's database, else from headers that no package owns.
Fact<std::vector<Cudnn>> probe_cudnn(const HostReader& host, const Fact<std::vector<FactPackage>>& packages);

/// The EFI variable SecureBoot; a machine that a BIOS started answers false.
Fact<bool> probe_secure_boot(const HostReader& host);
Fact<bool> probe_nouveau_loaded(const HostReader& host);

// Members of DriverGround, see there.
Fact<bool> probe_mok_enrolled(const HostReader& host);
Fact<bool> probe_mok_pending(const HostReader& host);
Fact<std::string> probe_newest_kernel(const HostReader& host);
/// Absent where no kernel is known.
Fact<bool> probe_headers(const HostReader& host, const Fact<std::string>& kernel);
Fact<bool> probe_nouveau_blocked(const HostReader& host);
Fact<std::vector<DkmsModule>> probe_dkms(const HostReader& host);
Fact<bool> probe_unattended_upgrades(const HostReader& host, const Fact<std::vector<FactPackage>>& packages);
Fact<DriverUpgrade> probe_last_upgrade(const HostReader& host);

/// Kernels, headers, DKMS, packages, MOK, unattended upgrades, a pending reboot. `kernel`: the running one.
DriverGround probe_driver_ground(const HostReader& host, const Fact<std::string>& kernel,
                                 const Fact<Driver>& driver, const Fact<std::vector<FactPackage>>& packages);

}  // namespace mlenv
