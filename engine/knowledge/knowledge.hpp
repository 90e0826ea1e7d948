#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/compute_capability.hpp"
#include "knowledge/table.hpp"

namespace mlenv {

/// What a PCI id tells of an NVIDIA GPU before any driver is there. Empty members are not known. Source:
/// gpus.yaml, gpu_chips.yaml.
struct GpuModel {
  std::string name;                ///< GeForce RTX 3070
  std::string chip;                ///< GA104
  std::string architecture;        ///< Ampere
  std::string compute_capability;  ///< 8.6
  std::string first_driver;        ///< the first driver (or branch) that drives it
  std::string last_branch;         ///< the last branch; empty while it is still driven
  std::string open_modules;        ///< possible, required, impossible
};

/// A directory of NVIDIA's network repository. Source: cuda_repositories.yaml.
struct CudaRepository {
  std::string directory;            ///< ubuntu2004
  std::string os;                   ///< `ubuntu 20.04`, or `wsl2`
  std::vector<std::string> arches;  ///< NVIDIA's names: x86_64, sbsa, …
  std::string key;                  ///< short id of its signing key
  std::string toolkits;             ///< range of those that it holds; empty: not known
  std::string source;
};

/// A key that NVIDIA signs with, or has signed with. Source: cuda_keys.yaml.
struct CudaKey {
  std::string short_id;
  std::string fingerprint;
  std::string replaced;   ///< date; empty while it is in use
  std::string successor;  ///< short id
};

inline constexpr const char* nvidia_repositories = "https://developer.download.nvidia.com/compute/cuda/repos";

/// The tables of what goes with what: compiled in, and a lab's own files over them. Tables are read when they
/// are first asked for. May be asked from several threads.
class Knowledge {
 public:
  Knowledge() = default;
  /// A lab's own file over a table: NAME of a table, and its text. What is wrong with it is
  /// reported.
  void add_file(const std::string& name, const SourcePtr& file, Diagnostics& diagnostics);

  const std::vector<Row>& table(const std::string& name) const;
  /// The first row of a table whose column holds this text, or null.
  const Row* find(const std::string& table, const std::string& column, std::string_view text) const;

  /// The card with a PCI id such as `10de:2484`; nothing when the table does not have it.
  std::optional<GpuModel> gpu(std::string_view pci_id) const;
  /// What the chip's family is known for. `chip`: GA104, also with letters of a variant behind (GM107M).
  std::optional<GpuModel> chip(std::string_view chip) const;

  std::vector<CudaRepository> cuda_repositories() const;
  /// By directory; nothing when NVIDIA has none of that name.
  std::optional<CudaRepository> cuda_repository(std::string_view directory) const;
  /// By short id or full fingerprint, in either case of letters.
  std::optional<CudaKey> cuda_key(std::string_view id) const;

 private:
  std::optional<Row> gpu_row(const std::string& device) const;

  mutable std::mutex reading_;
  mutable std::map<std::string, std::unique_ptr<const std::vector<Row>>> read_;
  std::map<std::string, std::vector<Row>> over_;
};

/// The pin that NVIDIA's instructions install as cuda-repository-pin-600, with the priority in place of 600.
/// Source: the `cuda-ubuntu2004.pin` beside the repository, and its siblings.
std::string cuda_pin(int priority);

}  // namespace mlenv
