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
  std::vector<std::string> like = {};  ///< ids of the systems that it is made after
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
  std::optional<bool> mig = std::nullopt;  ///< cut into instances (MIG)
  bool operator==(const Gpu&) const = default;
};

/// The NVIDIA driver; unset members are not known. `status`:
///   ok             the module is loaded, and of the libraries' version
///   mismatch       module and libraries are of different versions
///   not-loaded     installed, and no module runs
///   no-library     a module runs, and its libraries are not there
///   no-permission  this account may not ask it
///   no-device      it runs, and sees no card
///   failing        asking it ends in an error, a crash or not at all
struct Driver {
  std::optional<std::string> loaded;     ///< version of the running kernel module
  std::optional<std::string> userspace;  ///< version of the installed libraries
  std::optional<std::string> cuda;       ///< newest CUDA that the driver runs
  std::optional<std::string> flavour;    ///< open, proprietary
  std::optional<std::string> status;
  std::string why = {};  ///< of a status other than ok, for people
  bool operator==(const Driver&) const = default;
};

struct CudaToolkit {
  std::string version;
  std::string path;
  bool current = false;      ///< the one that /usr/local/cuda (or the distribution's nvcc) means
  std::string release = {};  ///< 11.0.3, where its files tell
  bool operator==(const CudaToolkit&) const = default;
};

/// cuDNN on the system; what a wheel brings into a venv is not counted.
struct Cudnn {
  std::string version;  ///< 8.0.5
  std::string package;  ///< that brought it; empty for files that no package owns
  std::string path;     ///< of the library or header that told
  bool operator==(const Cudnn&) const = default;
};

/// A package that is part of an NVIDIA driver, by where it came from.
struct DriverPackage {
  std::string name;
  std::string version;
  std::string origin;  ///< distribution, nvidia
  bool held = false;
  bool operator==(const DriverPackage&) const = default;
};

/// A module that DKMS builds: `status` is added, built or installed for a kernel (empty for added).
struct DkmsModule {
  std::string module;
  std::string version;
  std::string kernel;
  std::string status;
  bool operator==(const DkmsModule&) const = default;
};

/// The newest change of the driver that apt's history tells of.
struct DriverUpgrade {
  std::string when;  ///< 2021-04-24  06:50:12, as apt writes it
  std::string by;    ///< unattended-upgrades, or the command line
  std::string package;
  std::string from;
  std::string to;
  bool operator==(const DriverUpgrade&) const = default;
};

/// What stands between a card and a working driver, besides the driver.
struct DriverGround {
  Fact<std::string> newest_kernel = Unknown{};  ///< the newest one installed
  Fact<bool> headers = Unknown{};               ///< of the running kernel
  Fact<bool> newest_headers = Unknown{};        ///< of the newest one
  Fact<bool> nouveau_blocked = Unknown{};       ///< modprobe is told not to load it
  Fact<std::vector<DkmsModule>> dkms = Unknown{};
  Fact<std::vector<DriverPackage>> packages = Unknown{};
  Fact<std::string> run_file =
      Unknown{};  ///< version (or `unknown version`) of a driver by NVIDIA's .run installer
  Fact<bool> mok_enrolled = Unknown{};         ///< the key that DKMS signs with is known to the firmware
  Fact<bool> mok_pending = Unknown{};          ///< an enrolment waits for the next boot's screen
  Fact<bool> unattended_upgrades = Unknown{};  ///< they run, and would touch the driver
  Fact<bool> reboot_required = Unknown{};
  Fact<DriverUpgrade> last_upgrade = Unknown{};
  bool operator==(const DriverGround&) const = default;
};

/// What the user says in place of a probe, in the variables that conda, pixi and uv know. Unset: not said;
/// empty: none.
struct CudaOverrides {
  std::optional<std::string> cuda = std::nullopt;    ///< CONDA_OVERRIDE_CUDA
  std::optional<std::string> arch = std::nullopt;    ///< CONDA_OVERRIDE_CUDA_ARCH
  std::optional<std::string> driver = std::nullopt;  ///< UV_CUDA_DRIVER_VERSION
  bool operator==(const CudaOverrides&) const = default;
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
  Fact<std::vector<Cudnn>> cudnn = Unknown{};
  std::vector<Python> pythons;  ///< the first is what `python3` means
  Fact<bool> secure_boot = Unknown{};
  Fact<bool> nouveau_loaded = Unknown{};
  DriverGround ground;
  CudaOverrides overrides;
  User user;
  bool operator==(const Facts&) const = default;
};

/// A card of NVIDIA's is there for certain.
bool has_gpu(const Facts& facts);
/// The driver's module is loaded, in the version of its libraries.
bool driver_runs(const Facts& facts);

/// Probes the host. `user` is the account whose home is meant (empty: the caller's; see invoking_user).
/// Starts no process. Errors: `host.no-user` when no such account is in the host's passwd file.
Result<Facts> probe_facts(const HostReader& host, const std::string& user);

/// What the user says in place of a probe.
CudaOverrides cuda_overrides(const Environment& environment);

/// The account that a run is for: SUDO_USER behind sudo, else the real user id's name. Reads this process.
std::string invoking_user(const HostReader& host);

/// An account by name from the host's /etc/passwd.
std::optional<User> find_user(const HostReader& host, const std::string& name);

}  // namespace mlenv
