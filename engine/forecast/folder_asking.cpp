#include "forecast/folder_asking.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "base/dotted_version.hpp"
#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "forecast/wheel_archive.hpp"
#include "resource/installer_settings.hpp"
#include "resource/python_site.hpp"

namespace mlenv {
namespace {

/// A wheel in a folder, by what its name says.
struct FolderWheel {
  std::string path;
  PepVersion version;
  bool universal = false;  ///< for every Python 3, wherever it runs
};

/// By canonical name of their projects.
using FolderWheels = std::multimap<std::string, FolderWheel>;

/// Format: PyPA's binary distribution format, "File name convention".
void add_wheel(FolderWheels& wheels, const std::string& folder, const std::string& file) {
  if (!file.ends_with(".whl")) return;
  const auto parts = split(std::string_view(file).substr(0, file.size() - 4), '-');
  const auto version =
      parts.size() < 5 ? std::nullopt : PepVersion::parse(replace_all(std::string(parts[1]), "_", "-"));
  const bool has_build = parts.size() == 6 && !parts[2].empty() && is_ascii_digit(parts[2].front());
  if (!version || (parts.size() != 5 && !has_build)) return;
  const auto tags = parts.size() - 3;
  const auto pythons = split(parts[tags], '.');
  const bool universal = std::find(pythons.begin(), pythons.end(), "py3") != pythons.end() &&
                         parts[tags + 1] == "none" && parts[tags + 2] == "any";
  wheels.emplace(canonical_project_name(parts[0]), FolderWheel{join_path(folder, file), *version, universal});
}

/// Whether pip takes a file for a page, whose links it follows: `.html`, `.htm`, `.shtml`, packed or not, in
/// any case.
bool is_page(const std::string& file) {
  const auto parts = split(std::string_view(file), '.');
  return std::any_of(parts.begin() + 1, parts.end(), [](const auto& each) {
    const auto part = to_lower(std::string(each));
    return part.starts_with("htm") || part.starts_with("shtm");
  });
}

constexpr unsigned to_read = 04, to_search = 01;

/// Whether somebody may do that with a file or folder, as far as its mode tells. Root, who plans for others,
/// sees more than they do.
bool may(const HostReader& host, const std::string& path, const User& user, unsigned what) {
  const auto stat = host.stat(path, Links::follow);
  if (!stat || !*stat) return false;
  const unsigned rights = (*stat)->uid == user.uid ? (*stat)->mode >> 6 : (*stat)->mode;
  return user.uid == 0 || (rights & what) == what;
}

bool may_list(const HostReader& host, const std::string& folder, const User& user) {
  for (auto above = folder; above != "/"; above = parent_path(above)) {
    if (!may(host, above, user, to_search)) return false;
  }
  return may(host, folder, user, to_read);
}

/// Nothing where a place is no folder of this host's, or has pages in it, whose links pip follows.
std::optional<FolderWheels> wheels_in(const AskingPlace& asking, const std::vector<std::string>& places) {
  FolderWheels wheels;
  for (const auto& place : places) {
    const auto folder = place.starts_with("file:///") ? percent_decoded(place.substr(7)) : place;
    if (!folder.starts_with("/") || folder != normal_path(folder)) return std::nullopt;
    const auto stat = asking.host.stat(folder, Links::follow);
    const auto entries = asking.host.list(folder);
    if (!stat || !*stat || (*stat)->type != FileType::directory || !entries ||
        !may_list(asking.host, folder, asking.user))
      return std::nullopt;
    for (const auto& entry : *entries) {
      if (is_page(entry.name)) return std::nullopt;
      add_wheel(wheels, folder, entry.name);
    }
  }
  return wheels;
}

/// Markers may ask for what only the running Python knows, or by names of old.
bool can_be_told(const std::string& marker) {
  constexpr std::array<std::string_view, 6> unknown = {
      "platform_release", "platform_version", "implementation_version",
      "platform.",        "os.name",          "sys.platform"};
  const auto mentions = [](const std::string& text, std::string_view name) {
    return text.find(name) != std::string::npos;
  };
  return std::none_of(unknown.begin(), unknown.end(),
                      [&](const auto& each) { return mentions(marker, each); }) &&
         !mentions(replace_all(marker, "platform_python_implementation", ""), "python_implementation");
}

/// Follows requirements from wheel to wheel for as long as there is nothing to choose.
class Closure {
 public:
  Closure(const AskingPlace& asking, FolderWheels wheels, std::string python)
      : asking_(asking),
        wheels_(std::move(wheels)),
        python_(std::move(python)),
        markers_(linux_markers(python_, asking.arch)) {}

  /// False: pip has to be asked. What is asked for is chosen before what it brings along.
  bool require(const std::vector<std::string>& requirements) {
    open_.assign(requirements.begin(), requirements.end());
    while (!open_.empty()) {
      const auto next = std::move(open_.front());
      open_.pop_front();
      if (!follow(next)) return false;
    }
    return true;
  }
  /// Whether what has come is what a constraint allows.
  bool is_met(const std::string& constraint) const {
    const auto parsed = PepRequirement::parse(constraint);
    if (!parsed || !parsed->url.empty() || !can_be_told(parsed->marker)) return false;
    const auto come = versions_.find(parsed->canonical_name());
    return come == versions_.end() || !parsed->applies(markers_) || parsed->specifiers.contains(come->second);
  }
  std::vector<ReportedWheel> take() { return std::move(reported_); }

 private:
  bool follow(const std::string& text) {
    const auto requirement = PepRequirement::parse(text);
    if (!requirement || !requirement->url.empty() || !can_be_told(requirement->marker)) return false;
    if (!requirement->applies(markers_)) return true;
    if (!requirement->extras.empty()) return false;
    const auto come = versions_.find(requirement->canonical_name());
    if (come != versions_.end()) return requirement->specifiers.contains(come->second);
    const auto* wheel = only_one(*requirement);
    return wheel != nullptr && bring(requirement->canonical_name(), *wheel);
  }

  /// The one that serves; none where there are several, or where tags or a pre-release leave a choice.
  const FolderWheel* only_one(const PepRequirement& requirement) const {
    const FolderWheel* found = nullptr;
    const auto [begin, end] = wheels_.equal_range(requirement.canonical_name());
    for (auto each = begin; each != end; ++each) {
      const auto& wheel = each->second;
      if (!requirement.specifiers.contains(wheel.version)) continue;
      if (found != nullptr || !wheel.universal || wheel.version.is_prerelease()) return nullptr;
      found = &wheel;
    }
    return found;
  }

  bool bring(const std::string& name, const FolderWheel& wheel) {
    const auto file = asking_.host.share_file(wheel.path);
    if (!file || !*file || !may(asking_.host, wheel.path, asking_.user, to_read)) return false;
    const auto metadata = wheel_metadata(file->view());
    if (!metadata || !is_of(*metadata, name, wheel.version)) return false;
    ReportedWheel brought;
    brought.wheel.name = name;
    brought.wheel.version = metadata_values(*metadata, "Version").front();
    brought.wheel.file = wheel.path.substr(wheel.path.rfind('/') + 1);
    brought.wheel.url = "file://" + percent_encoded(wheel.path, "/");
    brought.wheel.sha256 = sha256_hex(file->view());
    if (!is_sound(brought.wheel)) return false;
    brought.requires_dist = metadata_values(*metadata, "Requires-Dist");
    brought.provides_extra = metadata_values(*metadata, "Provides-Extra");
    open_.insert(open_.end(), brought.requires_dist.begin(), brought.requires_dist.end());
    versions_.emplace(name, wheel.version);
    reported_.push_back(std::move(brought));
    return true;
  }

  /// What is inside says the same as the name, and is for this Python.
  bool is_of(const std::string& metadata, const std::string& name, const PepVersion& version) const {
    const auto names = metadata_values(metadata, "Name"), versions = metadata_values(metadata, "Version");
    if (names.size() != 1 || versions.size() != 1 || canonical_project_name(names.front()) != name)
      return false;
    const auto inside = PepVersion::parse(versions.front());
    if (!inside || *inside != version) return false;
    const auto pythons = metadata_values(metadata, "Requires-Python");
    if (pythons.empty()) return true;
    const auto wanted = PepSpecifierSet::parse(pythons.front());
    const auto own = PepVersion::parse(python_);
    return pythons.size() == 1 && wanted && own && wanted->contains(*own);
  }

  const AskingPlace& asking_;
  FolderWheels wheels_;
  std::string python_;
  MarkerEnvironment markers_;
  std::deque<std::string> open_;
  std::map<std::string, PepVersion> versions_;  ///< of what comes, by name
  std::vector<ReportedWheel> reported_;
};

}  // namespace

std::optional<std::vector<ReportedWheel>> ask_folders(const PipInstall& call, const PythonWanted& wanted,
                                                      const AskingPlace& place) {
  constexpr std::size_t parts_of_version = 3;  // markers may ask for all of them
  const bool makes_new =
      !call.prefix.empty() && !call.reinstall && !wanted.stands && !wanted.system_site_packages;
  if (!makes_new || split(wanted.version, '.').size() != parts_of_version) return std::nullopt;
  const auto& source = call.source;
  if (!source.no_index || source.find_links.empty() ||
      pip_is_told_otherwise(place.host, place.user.home, place.environment))
    return std::nullopt;
  auto wheels = wheels_in(place, source.find_links);
  if (!wheels) return std::nullopt;
  Closure closure(place, std::move(*wheels), wanted.version);
  const bool sure = closure.require(call.requirements) &&
                    std::all_of(call.keep.begin(), call.keep.end(),
                                [&](const std::string& each) { return closure.is_met(each); });
  return sure ? std::optional(closure.take()) : std::nullopt;
}

}  // namespace mlenv
