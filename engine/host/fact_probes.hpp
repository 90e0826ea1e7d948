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

}  // namespace mlenv
