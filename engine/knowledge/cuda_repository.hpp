#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// A directory of NVIDIA's network repository. Source: cuda_repo.tsv.
struct CudaRepository {
  std::string directory;            ///< ubuntu2004
  std::string os;                   ///< `ubuntu 20.04`, or `wsl2`
  std::vector<std::string> arches;  ///< NVIDIA's names: x86_64, sbsa, …
  std::string key;                  ///< short id of its signing key
};

/// A key that NVIDIA signs with, or has signed with. Source: cuda_keys.tsv.
struct CudaKey {
  std::string short_id;
  std::string fingerprint;
  std::string replaced;   ///< date; empty while it is in use
  std::string successor;  ///< short id
};

inline constexpr const char* nvidia_repositories = "https://developer.download.nvidia.com/compute/cuda/repos";

const std::vector<CudaRepository>& cuda_repositories();
/// By directory; nothing when NVIDIA has none of that name.
std::optional<CudaRepository> cuda_repository(std::string_view directory);
/// By short id or full fingerprint, in either case of letters.
std::optional<CudaKey> cuda_key(std::string_view id);

/// The pin that NVIDIA's instructions install as cuda-repository-pin-600, with the priority in place of 600.
/// Source: the `cuda-ubuntu2004.pin` beside the repository, and its siblings.
std::string cuda_pin(int priority);

}  // namespace mlenv
