#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// A package as rpm's database has it.
struct RpmRecord {
  std::string name;
  std::string epoch;  ///< empty for none
  std::string version;
  std::string release;
  std::string architecture;           ///< empty for keys, which stand among the packages
  std::vector<std::string> provides;  ///< names, its own among them
  std::vector<std::string> requires_names;
  bool operator==(const RpmRecord&) const = default;

  /// `2:9.0.2081-1.fc39`, without an epoch of none or zero.
  std::string full_version() const;
};

/// Takes a header apart as it lies in the database: two counts, an index of tags, and their values
/// (rpm.org, "RPM V4 Package format", header structure). Nothing when it is none, or names no package.
std::optional<RpmRecord> read_rpm_header(std::string_view blob);

}  // namespace mlenv
