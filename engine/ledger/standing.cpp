#include "ledger/standing.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "host/account.hpp"
#include "resource/dpkg_status.hpp"
#include "resource/fenced_block.hpp"
#include "resource/python_site.hpp"
#include "resource/rpm_database.hpp"
#include "resource/systemd_unit.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

Standing file_standing(const Effect& effect, const ProbeScope& scope) {
  const auto bytes = scope.host.read_file(effect.path);
  if (!bytes) return Standing::changed;
  if (!*bytes) return Standing::absent;
  if (effect.sha256.empty()) return Standing::as_made;
  const auto digest = sha256_hex(**bytes);
  if (digest == effect.sha256) return Standing::as_made;
  return effect.former && digest == effect.former->sha256 ? Standing::absent : Standing::changed;
}

Standing folder_standing(const Effect& effect, const ProbeScope& scope) {
  const auto stat = scope.host.stat(effect.path, Links::keep);
  if (!stat) return Standing::changed;
  if (!*stat) return Standing::absent;
  return (*stat)->type == FileType::directory ? Standing::as_made : Standing::changed;
}

Standing venv_standing(const Effect& effect, const ProbeScope& scope) {
  const auto folder = folder_standing(effect, scope);
  if (folder != Standing::as_made) return folder;
  const auto marker = read_marker(scope.host, marker_path(effect.path, {}));
  return marker && *marker && (*marker)->made ? Standing::as_made : Standing::changed;
}

Standing entry_standing(const Effect& effect, const ProbeScope& scope) {
  const auto text = scope.host.read_file(effect.path);
  if (!text) return Standing::changed;
  if (!*text) return Standing::absent;
  const auto block = find_block(**text, effect.block);
  if (!block) return Standing::changed;
  const bool there = *block && std::any_of((*block)->entries.begin(), (*block)->entries.end(),
                                           [&](const BlockEntry& entry) { return entry.key == effect.name; });
  return there ? Standing::as_made : Standing::absent;
}

Standing moved_standing(const Effect& effect, const ProbeScope& scope) {
  const auto aside = scope.host.stat(effect.to, Links::keep);
  const auto back = scope.host.stat(effect.path, Links::keep);
  if (!aside || !back) return Standing::changed;
  if (!*aside) return Standing::absent;
  return *back ? Standing::changed : Standing::as_made;
}

Standing package_standing(const Effect& effect, const ProbeScope& scope) {
  const auto& database = dpkg_database(scope);
  if (database.error) return Standing::changed;
  const auto record = database.packages.find(effect.name);
  if (!record) return Standing::absent;
  if (effect.sort == Effect::Sort::hold) return record->is_held() ? Standing::as_made : Standing::absent;
  const bool gone = record->status == "not-installed" || record->status == "config-files";
  return gone ? Standing::absent : Standing::as_made;
}

Standing rpm_standing(const Effect& effect, const ProbeScope& scope) {
  const auto& database = rpm_database(scope);
  if (database.error) return Standing::changed;
  return database.packages.find(effect.name) ? Standing::as_made : Standing::absent;
}

UnitPlace place_of(const Effect& unit, const ProbeScope& scope) {
  return {scope.host, scope.facts.user, is_of_system(unit) ? UnitScope::system : UnitScope::user};
}

Standing enabled_standing(const Effect& effect, const ProbeScope& scope) {
  const auto unit = read_unit(place_of(effect, scope), effect.name, nullptr);
  if (!unit || unit->masked) return Standing::changed;
  return unit->made.empty() ? Standing::absent : Standing::as_made;
}

Standing running_standing(const Effect& effect, const ProbeScope& scope) {
  const auto place = place_of(effect, scope);
  const auto at_work = manager_runs(place);
  if (!at_work) return Standing::changed;
  if (!*at_work) return Standing::absent;
  const auto since = running_since(place, effect.name);
  if (!since) return Standing::changed;
  return *since ? Standing::as_made : Standing::absent;
}

Standing member_standing(const Effect& effect, const ProbeScope& scope) {
  const auto groups = groups_of(scope.host);
  if (!groups) return Standing::changed;
  const bool listed = std::any_of(groups->begin(), groups->end(), [&](const Group& group) {
    return group.name == effect.block &&
           std::find(group.members.begin(), group.members.end(), effect.name) != group.members.end();
  });
  return listed ? Standing::as_made : Standing::absent;
}

std::vector<std::string> site_folders(const std::string& prefix, const HostReader& host) {
  std::vector<std::string> folders;
  for (const char* lib : {"/lib", "/lib64"}) {
    const auto stat = host.stat(prefix + lib, Links::keep);
    const auto entries = host.list(prefix + lib);
    if (!stat || !*stat || (*stat)->type != FileType::directory || !entries) continue;
    for (const auto& entry : *entries) {
      if (entry.name.starts_with("python"))
        folders.push_back(prefix + lib + "/" + entry.name + "/site-packages");
    }
  }
  return folders;
}

Standing distribution_standing(const Effect& effect, const ProbeScope& scope) {
  const auto prefix = effect.path.empty() ? scope.facts.user.home + "/.local" : effect.path;
  const auto installed = read_all_distributions(scope.host, site_folders(prefix, scope.host));
  if (!installed) return Standing::changed;
  return installed->count(effect.name) > 0 ? Standing::as_made : Standing::absent;
}

/// The paths below the venv that its packages' RECORD files name.
std::set<std::string> recorded_paths(const std::string& site, const Distributions& installed,
                                     const HostReader& host) {
  std::set<std::string> paths;
  for (const auto& [name, distribution] : installed) {
    const auto record = host.read_file(distribution.folder + "/RECORD");
    if (!record || !*record) continue;
    for (const auto line : split_lines(**record)) {
      auto path = std::string(line.substr(0, line.find(line.starts_with("\"") ? "\"," : ",")));
      if (path.starts_with("\"")) path.erase(0, 1);
      paths.insert(normal_path(path.starts_with("/") ? path : site + "/" + path));
    }
  }
  return paths;
}

/// What venv itself makes, and what comes into being by use.
bool is_skeleton(const std::string& path, const std::string& prefix) {
  const auto rest = path.substr(prefix.size() + 1);
  for (const char* file : {"pyvenv.cfg", ".mlenvctl.json", "lib64", ".gitignore", "CACHEDIR.TAG", ".lock"}) {
    if (rest == file) return true;
  }
  if (rest.find("__pycache__") != std::string::npos) return true;
  if (!rest.starts_with("bin/")) return rest.starts_with(".mlenvctl-");
  const auto name = rest.substr(4);
  for (const char* own : {"python", "activate", "Activate.ps1", "deactivate", "pydoc"}) {
    if (name.starts_with(own)) return true;
  }
  return false;
}

class ForeignFiles {
 public:
  ForeignFiles(const std::string& prefix, const HostReader& host) : prefix_(prefix), host_(host) {}

  std::vector<std::string> find(const std::vector<std::string>& known) {
    for (const auto& site : site_folders(prefix_, host_)) {
      const auto installed = read_distributions(host_, site);
      if (!installed) return {prefix_};
      for (const auto& [name, distribution] : *installed) {
        if (std::find(known.begin(), known.end(), name) == known.end())
          found_.push_back(name + " " + distribution.version);
      }
      const auto paths = recorded_paths(site, *installed, host_);
      recorded_.insert(paths.begin(), paths.end());
    }
    walk(prefix_);
    return std::move(found_);
  }

 private:
  void walk(const std::string& folder) {
    constexpr std::size_t enough = 5;
    const auto entries = host_.list(folder);
    if (!entries) return found_.push_back(folder);
    for (const auto& entry : *entries) {
      if (found_.size() >= enough) return;
      const auto path = folder + "/" + entry.name;
      if (is_skeleton(path, prefix_) || recorded_.count(path) > 0) continue;
      if (entry.type == FileType::directory) {
        walk(path);
      } else {
        found_.push_back(path);
      }
    }
  }

  const std::string& prefix_;
  const HostReader& host_;
  std::set<std::string> recorded_;
  std::vector<std::string> found_;
};

}  // namespace

Standing standing_of(const Effect& effect, const ProbeScope& scope) {
  switch (effect.sort) {
    case Effect::Sort::file:
      return file_standing(effect, scope);
    case Effect::Sort::folder:
      return folder_standing(effect, scope);
    case Effect::Sort::venv:
      return venv_standing(effect, scope);
    case Effect::Sort::entry:
      return entry_standing(effect, scope);
    case Effect::Sort::moved:
      return moved_standing(effect, scope);
    case Effect::Sort::package:
    case Effect::Sort::hold:
      return package_standing(effect, scope);
    case Effect::Sort::rpm_package:
      return rpm_standing(effect, scope);
    case Effect::Sort::distribution:
      return distribution_standing(effect, scope);
    case Effect::Sort::enabled:
      return enabled_standing(effect, scope);
    case Effect::Sort::running:
      return running_standing(effect, scope);
    case Effect::Sort::member:
      return member_standing(effect, scope);
  }
  return Standing::changed;
}

bool is_of_system(const Effect& unit) { return unit.path == own_unit_folder(UnitScope::system, {}); }

std::vector<std::string> foreign_in_venv(const std::string& prefix, const std::vector<std::string>& known,
                                         const HostReader& host) {
  return ForeignFiles(prefix, host).find(known);
}

std::string account_name(const HostReader& host, std::uint32_t uid) {
  const auto text = host.read_file("/etc/passwd");
  if (!text || !*text) return {};
  for (const auto line : split_lines(**text)) {
    const auto fields = split(line, ':');
    if (fields.size() > 2 && fields[2] == std::to_string(uid)) return std::string(fields[0]);
  }
  return {};
}

}  // namespace mlenv
