#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/reader.hpp"

namespace mlenv {

/// Looked for, and not there.
struct Absent {
  bool operator==(const Absent&) const = default;
};
/// Could not be found out, and why. Never the same as absent.
struct Unknown {
  std::string why;
  bool operator==(const Unknown&) const = default;
};
template <class T>
using Fact = std::variant<T, Absent, Unknown>;

/// The value of a fact, or null when it is absent or unknown.
template <class T>
const T* known(const Fact<T>& fact) {
  return std::get_if<T>(&fact);
}

/// os-release(5). `id` and `version_id` are what conditions ask for ("ubuntu 20.04").
struct Os {
  std::string id;
  std::string version_id;
  std::string codename;
  std::string pretty_name;
  bool operator==(const Os&) const = default;
};

/// An NVIDIA GPU. Unset members are not known; `source` says where the rest comes from (`pci`, `nvml`,
/// `recorded`).
struct Gpu {
  std::string pci_address;  ///< 0000:01:00.0
  std::string pci_id;       ///< 10de:2484, lower case
  std::optional<std::string> name;
  std::optional<std::string> architecture;
  std::optional<std::string> compute_capability;  ///< 8.6
  std::optional<std::uint64_t> memory_bytes;
  std::string source;
  bool operator==(const Gpu&) const = default;
};

/// The NVIDIA driver. `status`: absent, ok, mismatch; unset members are not known.
struct Driver {
  std::optional<std::string> loaded;     ///< version of the running kernel module
  std::optional<std::string> userspace;  ///< version of the installed libraries
  std::optional<std::string> cuda;       ///< newest CUDA that the driver runs
  std::optional<std::string> flavour;    ///< open, proprietary
  std::optional<std::string> status;
  bool operator==(const Driver&) const = default;
};

struct CudaToolkit {
  std::string version;
  std::string path;
  bool operator==(const CudaToolkit&) const = default;
};

struct Python {
  std::string path;     ///< /usr/bin/python3.11
  std::string version;  ///< 3.11.2, or 3.11 where only the name tells
  bool operator==(const Python&) const = default;
};

/// The target user: whose home, rc files, venvs and kernels are meant.
struct User {
  std::string name;
  std::string home;
  std::string shell;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  bool operator==(const User&) const = default;
};

/// What is true of the machine regardless of the recipe.
struct Facts {
  Fact<Os> os = Unknown{};
  std::string arch;  ///< x86_64, aarch64
  Fact<std::string> kernel = Unknown{};
  Fact<std::string> virt = Unknown{};  ///< metal, vm, container, wsl2
  std::string hostname;
  std::string host_id;  ///< digest of the machine id; empty when there is none
  Fact<std::vector<Gpu>> gpus = Unknown{};
  Fact<Driver> driver = Unknown{};
  Fact<std::vector<CudaToolkit>> cuda_toolkits = Unknown{};
  std::vector<Python> pythons;  ///< the first is what `python3` means
  Fact<bool> secure_boot = Unknown{};
  Fact<bool> nouveau_loaded = Unknown{};
  User user;
  bool operator==(const Facts&) const = default;
};

/// Probes the host. `user` is the account whose home is meant (empty: the caller's; see invoking_user).
/// Starts no process. Errors: `host.no-user` when no such account is in the host's passwd file.
Result<Facts> probe_facts(const HostReader& host, const std::string& user);

/// The account that a run is for: SUDO_USER behind sudo, else the real user id's name. Reads this process.
std::string invoking_user(const HostReader& host);

/// An account by name from the host's /etc/passwd.
std::optional<User> find_user(const HostReader& host, const std::string& name);

}  // namespace mlenv
