#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mlenv {

/// What a PCI id tells of an NVIDIA GPU before any driver is there. Empty members are not known. Source:
/// gpu_pci.tsv.
struct GpuModel {
  std::string name;                ///< GeForce RTX 3070
  std::string chip;                ///< GA104
  std::string architecture;        ///< Ampere
  std::string compute_capability;  ///< 8.6
};

/// The card with a PCI id such as `10de:2484`; nothing when the table does not have it.
std::optional<GpuModel> gpu_model(std::string_view pci_id);

}  // namespace mlenv
