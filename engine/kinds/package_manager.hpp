#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipe/recipe.hpp"
#include "resource/field.hpp"

namespace mlenv {

/// What installs packages on a distribution.
struct PackageManager {
  std::string kind;                   ///< apt, rpm
  std::vector<std::string> programs;  ///< that can do it, the first that is there
  bool operator==(const PackageManager&) const = default;
};

/// The host's, by its os-release (package_managers.yaml); nothing where that is not known or has no row.
std::optional<PackageManager> package_manager(const Facts& facts, const Knowledge& knowledge);

/// Reports a package of one kind of manager (`apt`, `rpm`) on a host that has the other.
void refuse_foreign_manager(const std::string& kind, const Node& name, const Declaration& declaration,
                            DecodeScope& scope);

/// A name that rpm's managers can only take as a name: no option, no pattern, no file.
bool is_rpm_name(std::string_view text);

}  // namespace mlenv
