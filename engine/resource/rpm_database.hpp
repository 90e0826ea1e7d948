#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "resource/resource.hpp"
#include "resource/rpm_header.hpp"

namespace mlenv {

/// What rpm has installed, by name.
class RpmPackages {
 public:
  void add(RpmRecord record);
  /// By `name` or `name.architecture`; of several installed side by side the one that came last.
  std::optional<RpmRecord> find(std::string_view name) const;
  /// All of one name, by `name` or `name.architecture`: kernels, and libraries of two architectures.
  std::vector<RpmRecord> all(std::string_view name) const;
  /// The name of an installed package that provides another name.
  std::optional<std::string> provider(std::string_view name) const;
  /// The name of an installed package, none of those given, that requires what these alone provide.
  std::optional<std::string> needed_by(const std::string& name, const std::set<std::string>& going) const;
  bool empty() const { return by_name_.empty(); }
  /// As text that reads back: names, versions, and what plans ask of them.
  std::string condensed() const;

 private:
  std::multimap<std::string, RpmRecord, std::less<>> by_name_;
  std::multimap<std::string, std::string, std::less<>> by_provided_;
};

/// The host's, read once a planning, by no program: as rpm's backends lay it down, SQLite (Fedora, RHEL 9 and
/// later) or ndb (SUSE). Not by librpm either: its name changes with each release, its settings are those
/// of the machine that plans and not of the tree that is planned for, and a record has no file that it could
/// open. Of the Berkeley DB of older releases it is only said that it cannot be read.
struct RpmDatabase {
  RpmPackages packages;
  std::optional<Error> error;
};
const RpmDatabase& rpm_database(const ProbeScope& scope);
/// The same, looked at anew. Errors: `rpm.unreadable`, and those of reading.
Result<RpmPackages> read_rpm_packages(const HostReader& host);

/// Whether a path is a part of that database.
bool is_rpm_database(const std::string& path);
/// Where it may lie.
std::vector<std::string> rpm_database_paths();

/// The bytes of either backend's main file, with the log that belongs to it; also of a record's.
Result<RpmPackages> parse_rpm_database(std::string_view file, std::string_view log);

}  // namespace mlenv
