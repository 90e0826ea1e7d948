#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlenv {

/// What NVML says of one card. Unset members could not be asked.
struct NvmlGpu {
  std::string pci_address;  ///< 0000:01:00.0, as sysfs writes it
  std::string pci_id;       ///< 10de:2484, lower case
  std::optional<std::string> name;
  std::optional<std::string> compute_capability;  ///< 8.6
  std::optional<std::uint64_t> memory_bytes;
  std::optional<bool> mig;
  bool operator==(const NvmlGpu&) const = default;
};

/// How asking ended. Each is another fact about the machine.
enum class NvmlStatus {
  ok,
  no_library,     ///< libnvidia-ml.so.1 is not there, or cannot be loaded
  not_loaded,     ///< the library is there, the kernel module is not (code 9)
  mismatch,       ///< library and module differ in version (code 18)
  no_permission,  ///< code 4
  no_device,      ///< it runs, and counts no card
  failed,         ///< any other code
  crashed,        ///< the library ended the process that asked it
  timeout,        ///< no answer within the limit
};

struct NvmlAnswer {
  NvmlStatus status = NvmlStatus::no_library;
  std::string why;                    ///< for people: the code's name, or what the loader said; empty when ok
  std::optional<std::string> driver;  ///< 535.161.07
  std::optional<std::string> cuda;    ///< newest CUDA that the driver runs, 12.2
  std::vector<NvmlGpu> gpus;
  bool operator==(const NvmlAnswer&) const = default;
};

/// Asks NVML in a child process, so that a hanging or crashing library costs no more than the limit.
/// `library` is what dlopen is given. Source of names and codes: nvml.h 13.3.29 (NVIDIA/go-nvml
/// gen/nvml/nvml.h).
NvmlAnswer ask_nvml(const std::string& library = "libnvidia-ml.so.1",
                    std::chrono::milliseconds limit = std::chrono::seconds(5));

}  // namespace mlenv
