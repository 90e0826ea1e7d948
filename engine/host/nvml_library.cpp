#include "host/nvml_library.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "host/nvml_codes.hpp"

namespace mlenv {
namespace {

// What follows is laid out as in nvml.h 13.3.29 (NVIDIA/go-nvml gen/nvml/nvml.h).
using Device = void*;
using Text = std::array<char, 97>;  ///< the longest buffer that nvml.h asks for, and an end

struct PciInfo {
  char legacy_bus_id[16];
  unsigned domain, bus, device;
  unsigned pci_id;  ///< device << 16 | vendor
  unsigned subsystem_id;
  char bus_id[32];  ///< 00000000:01:00.0
};
struct Memory {
  unsigned long long total, free, used;
};

constexpr int success = 0;
constexpr int function_not_found = 13;

/// A text of the library's: no longer than such texts are, and without control characters.
std::string plain(const char* text) {
  std::string plain;
  for (const char c : std::string_view(text, ::strnlen(text, 200))) {
    if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') plain += c;
  }
  return plain;
}

/// What a call has written; nothing when that is nothing. The buffer's last byte was not the call's.
std::optional<std::string> text_in(const Text& buffer) {
  auto text = plain(buffer.data());
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

/// NVML as it was loaded. A function that it lacks counts as one that answers `function_not_found`.
class Library {
 public:
  explicit Library(const std::string& file) : handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {}
  explicit operator bool() const { return handle_ != nullptr; }
  bool has(const char* function) const { return ::dlsym(handle_, function) != nullptr; }

  template <class... Arguments>
  int call(const char* name, Arguments... arguments) const {
    const auto function = reinterpret_cast<int (*)(Arguments...)>(::dlsym(handle_, name));
    return function == nullptr ? function_not_found : function(arguments...);
  }

  /// What the library itself calls a code; empty when it does not tell.
  std::string words_for(int code) const {
    const auto function = reinterpret_cast<const char* (*)(int)>(::dlsym(handle_, "nvmlErrorString"));
    const char* words = function == nullptr ? nullptr : function(code);
    return words == nullptr ? "" : plain(words);
  }

 private:
  void* handle_;
};

/// Puts down how asking ended: with a code other than success.
void end_with(NvmlAnswer& answer, const Library& library, int code) {
  const auto words = library.words_for(code);
  answer.status = nvml_code_status(code);
  answer.why = nvml_code_name(code) + (words.empty() ? "" : ": " + words);
}

std::optional<std::string> driver_version(const Library& library) {
  Text text{};
  const auto size = static_cast<unsigned>(text.size() - 1);
  if (library.call("nvmlSystemGetDriverVersion", text.data(), size) != success) return {};
  return text_in(text);
}

std::optional<std::string> cuda_version(const Library& library) {
  // Never the one without _v2: it makes a number up where libcuda.so.1 is missing.
  int version = 0;
  if (library.call("nvmlSystemGetCudaDriverVersion_v2", &version) != success || version <= 0) return {};
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::optional<std::string> device_name(const Library& library, Device device) {
  Text text{};
  const auto size = static_cast<unsigned>(text.size() - 1);
  if (library.call("nvmlDeviceGetName", device, text.data(), size) != success) return {};
  return text_in(text);
}

std::optional<std::string> compute_capability(const Library& library, Device device) {
  int major = 0;
  int minor = 0;
  if (library.call("nvmlDeviceGetCudaComputeCapability", device, &major, &minor) != success) return {};
  return std::to_string(major) + "." + std::to_string(minor);
}

std::optional<std::uint64_t> memory_bytes(const Library& library, Device device) {
  Memory memory{};
  if (library.call("nvmlDeviceGetMemoryInfo", device, &memory) != success) return {};
  return memory.total;
}

std::optional<bool> mig_mode(const Library& library, Device device) {
  unsigned current = 0;
  unsigned pending = 0;
  if (library.call("nvmlDeviceGetMigMode", device, &current, &pending) != success) return {};
  return current != 0;
}

/// A PCI address as NVML writes it (00000000:0A:00.0), as sysfs does; empty when it is none.
std::string sysfs_address(const char* bus_id) {
  unsigned domain = 0, bus = 0, slot = 0, function = 0;
  if (std::sscanf(bus_id, "%8x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04x:%02x:%02x.%x", domain, bus, slot, function);
  return text.data();
}

void describe_bus(const Library& library, Device device, NvmlGpu& gpu) {
  PciInfo info{};
  if (library.call("nvmlDeviceGetPciInfo_v3", device, &info) != success) return;
  info.bus_id[sizeof info.bus_id - 1] = '\0';
  gpu.pci_address = sysfs_address(info.bus_id);
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04x:%04x", info.pci_id & 0xffffU, info.pci_id >> 16U);
  gpu.pci_id = text.data();
}

NvmlGpu describe_gpu(const Library& library, Device device) {
  NvmlGpu gpu;
  describe_bus(library, device, gpu);
  gpu.name = device_name(library, device);
  gpu.compute_capability = compute_capability(library, device);
  gpu.memory_bytes = memory_bytes(library, device);
  gpu.mig = mig_mode(library, device);
  return gpu;
}

void describe_gpus(const Library& library, NvmlAnswer& answer) {
  unsigned count = 0;
  int code = library.call("nvmlDeviceGetCount_v2", &count);
  if (code != success) return end_with(answer, library, code);
  if (count == 0) {
    answer.status = NvmlStatus::no_device;
    answer.why = "the driver runs, and counts no card";
    return;
  }
  for (unsigned index = 0; index < count; ++index) {
    Device device = nullptr;
    const int taken = library.call("nvmlDeviceGetHandleByIndex_v2", index, &device);
    if (taken == success) answer.gpus.push_back(describe_gpu(library, device));
    if (taken != success) code = taken;
  }
  if (answer.gpus.empty()) end_with(answer, library, code);
}

}  // namespace

NvmlAnswer ask_library(const std::string& file) {
  NvmlAnswer answer;
  const Library library(file);
  if (!library) {
    const char* reason = ::dlerror();
    answer.why = reason == nullptr ? "cannot load " + file : reason;
    return answer;
  }
  const char* init = library.has("nvmlInit_v2") ? "nvmlInit_v2" : "nvmlInit";
  if (!library.has(init)) {
    answer.why = file + ": it has no function nvmlInit";
    return answer;
  }
  const int code = library.call(init);
  end_with(answer, library, code);
  if (code != success) return answer;
  answer.why.clear();
  answer.driver = driver_version(library);
  answer.cuda = cuda_version(library);
  describe_gpus(library, answer);
  return answer;
}

}  // namespace mlenv
