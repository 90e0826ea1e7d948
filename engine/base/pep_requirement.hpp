#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pep_version.hpp"
#include "base/result.hpp"

namespace mlenv {

/// `Scikit_Learn` -> `scikit-learn`: the form in which PEP 503 compares project names.
std::string canonical_project_name(std::string_view name);

/// The variables of environment markers (`python_version`, `sys_platform`, …).
using MarkerEnvironment = std::map<std::string, std::string>;

/// A dependency by PEP 508: `name[extra,…] (specifiers | @ url) [; marker]`.
/// Source: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
struct PepRequirement {
  std::string name;                 ///< as written
  std::vector<std::string> extras;  ///< canonical, sorted, without repeats
  PepSpecifierSet specifiers;
  std::string url;     ///< of `name @ url`; empty otherwise
  std::string marker;  ///< text behind `;`, trimmed; empty when there is none

  /// An Error (`pep508.syntax`) says what was expected and where: `expected a version behind `==``.
  static Result<PepRequirement> parse(std::string_view text);
  std::string canonical_name() const { return canonical_project_name(name); }
  /// As pip takes it: `torch[opt]==1.7.1+cu110; python_version<"3.9"`.
  std::string str() const;
  /// Whether the marker holds; true without one. Unknown variables are empty text.
  bool applies(const MarkerEnvironment& environment) const;
  bool operator==(const PepRequirement&) const = default;
};

/// The marker variables of a CPython on Linux: `python_version`, `python_full_version`, `sys_platform`,
/// `os_name`, `platform_system`, `platform_machine`, `implementation_name`, `platform_python_implementation`.
MarkerEnvironment linux_markers(const std::string& python_version, const std::string& machine);

}  // namespace mlenv
