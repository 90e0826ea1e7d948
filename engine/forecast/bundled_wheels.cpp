#include "forecast/bundled_wheels.hpp"

#include <algorithm>

#include "base/pep_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

bool is_pure(const std::string& file) { return file.ends_with("-py3-none-any.whl"); }

/// The one wheel of a project in a folder's list; empty where there is none, or a choice.
std::string one_of(const std::vector<DirectoryEntry>& entries, const std::string& project) {
  std::string found;
  for (const auto& entry : entries) {
    if (!entry.name.starts_with(project + "-") || !entry.name.ends_with(".whl")) continue;
    if (!found.empty() || !is_pure(entry.name)) return {};
    found = entry.name;
  }
  return found;
}

/// A pip whose parts lie beside it as wheels of their own, as Debian 11's and Ubuntu 20.04's do.
bool is_taken_apart(const std::vector<DirectoryEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const DirectoryEntry& entry) {
    return entry.name.starts_with("requests-") || entry.name.starts_with("pkg_resources-");
  });
}

/// Before 3.12 Python brought setuptools along.
std::vector<std::string> projects_of(const std::string& minor) {
  const auto version = PepVersion::parse(minor), first_without = PepVersion::parse("3.12");
  if (version && *version < *first_without) return {"pip", "setuptools"};
  return {"pip"};
}

}  // namespace

std::vector<std::string> bundled_wheels(const HostReader& host, const std::string& base,
                                        const std::string& minor) {
  const auto ensurepip = base + "/lib/python" + minor + "/ensurepip";
  if (minor.empty() || !exists(host, ensurepip + "/__init__.py")) return {};
  auto folder = ensurepip + "/_bundled";
  if (base == "/usr" && !exists(host, folder)) folder = "/usr/share/python-wheels";
  const auto entries = host.list(folder);
  if (!entries || is_taken_apart(*entries)) return {};
  std::vector<std::string> wheels;
  for (const auto& project : projects_of(minor)) {
    const auto file = one_of(*entries, project);
    if (file.empty()) return {};
    wheels.push_back(join({folder, file}, "/"));
  }
  return wheels;
}

}  // namespace mlenv
