#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/caching_reader.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// A package as dpkg's own database has it.
struct PackageRecord {
  std::string name;
  std::string architecture;
  std::string version;
  std::string want;    ///< install, hold, deinstall, purge, unknown
  std::string flag;    ///< ok, reinstreq
  std::string status;  ///< installed, config-files, unpacked, half-configured, half-installed, triggers-…,
                       ///< not-installed
  std::uint64_t installed_bytes = 0;  ///< Installed-Size
  bool operator==(const PackageRecord&) const = default;

  /// Wholly there: files in place and configured (waiting for triggers counts; see `interrupted`).
  bool is_installed() const {
    return status == "installed" || status == "triggers-pending" || status == "triggers-awaited";
  }
  /// An earlier run was cut short in the middle of it.
  bool is_broken() const {
    return flag == "reinstreq" || status == "unpacked" || status == "half-configured" ||
           status == "half-installed";
  }
  bool is_held() const { return want == "hold"; }
};

/// dpkg's status file, native; source: dpkg(1), dpkg-query(1). Only where each package stands is noted
/// beforehand; the rest is read of those that are asked for.
class DpkgStatus {
 public:
  DpkgStatus() = default;
  DpkgStatus(std::shared_ptr<const StatusFile> file, std::string native_architecture);
  /// By `name` or `name:arch`; without an architecture the native one, then any.
  std::optional<PackageRecord> find(std::string_view name) const;
  /// An installed package that provides a virtual one.
  std::optional<PackageRecord> provider(std::string_view name) const;
  /// Those of which files may be missing, since dpkg was stopped while it put them in place.
  std::vector<PackageRecord> half_installed() const;
  /// Some package waits for what dpkg does at the end of a run.
  bool has_open_triggers() const;

 private:
  struct Provided {
    std::string_view name;
    const NamedStanza* by;
  };
  std::vector<Provided> read_providers() const;

  std::shared_ptr<const StatusFile> file_ = std::make_shared<const StatusFile>();  ///< sorted by name
  std::string native_;
  std::shared_ptr<std::once_flag> providers_read_ = std::make_shared<std::once_flag>();
  mutable std::vector<Provided> by_provided_;
};

/// The host's, read once a planning; empty where there is none. `interrupted` tells of a dpkg run that was
/// stopped in the middle; `dpkg --configure -a` finishes it.
struct DpkgDatabase {
  DpkgStatus packages;
  bool interrupted = false;
  std::optional<Error> error;
};
const DpkgDatabase& dpkg_database(const ProbeScope& scope);

}  // namespace mlenv
