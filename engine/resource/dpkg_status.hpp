#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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

/// dpkg's status file, native; source: dpkg(1), dpkg-query(1).
class DpkgStatus {
 public:
  explicit DpkgStatus(std::string_view text, std::string native_architecture);
  /// By `name` or `name:arch`; without an architecture the native one, then any.
  const PackageRecord* find(std::string_view name) const;
  /// An installed package that provides a virtual one, or null.
  const PackageRecord* provider(std::string_view name) const;
  /// Some package waits for what dpkg does at the end of a run.
  bool has_open_triggers() const;

 private:
  std::string native_;
  std::vector<PackageRecord> records_;
  std::unordered_multimap<std::string, std::size_t> by_name_;
  std::unordered_multimap<std::string, std::size_t> by_provided_;
};

/// The host's, parsed once a planning; empty where there is none. `interrupted` tells of a dpkg run that was
/// stopped in the middle; `dpkg --configure -a` finishes it.
struct DpkgDatabase {
  DpkgStatus packages{{}, {}};
  bool interrupted = false;
  std::optional<Error> error;
};
const DpkgDatabase& dpkg_database(const ProbeScope& scope);

}  // namespace mlenv
