#pragma once

#include "host/facts.hpp"

namespace mlenv {

/// metal, vm, container or wsl2, from what /proc and /sys say; unknown in a tree without them.
Fact<std::string> probe_virt(const HostReader& host);

/// NVIDIA's display controllers on the PCI bus: address and id, nothing that only a driver knows.
Fact<std::vector<Gpu>> probe_pci_gpus(const HostReader& host);

/// CPython interpreters in /usr/local/bin and /usr/bin, the one that `python3` means first. By file names;
/// the patch level from dpkg's database where it is Debian's own.
std::vector<Python> probe_pythons(const HostReader& host);

/// The driver from files: module version and flavour from /proc and /sys, libraries by their names.
Fact<Driver> probe_driver(const HostReader& host);

/// Toolkits in /usr/local/cuda-*, and the distribution's own; version from version.json or the headers.
Fact<std::vector<CudaToolkit>> probe_cuda_toolkits(const HostReader& host);

/// cuDNN from dpkg's database and from the headers and libraries that no package owns.
Fact<std::vector<Cudnn>> probe_cudnn(const HostReader& host);

/// The EFI variable SecureBoot; absent machines (no EFI) answer false.
Fact<bool> probe_secure_boot(const HostReader& host);
Fact<bool> probe_nouveau_loaded(const HostReader& host);

/// Kernels, headers, DKMS, packages, MOK, unattended upgrades, a pending reboot. `kernel`: the running one.
DriverGround probe_driver_ground(const HostReader& host, const Fact<std::string>& kernel);

}  // namespace mlenv
