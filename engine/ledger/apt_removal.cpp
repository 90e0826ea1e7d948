#include "ledger/apt_removal.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace mlenv {
namespace {

struct Package {
  std::string name;
  std::vector<std::string> provides;
  std::vector<std::vector<std::string>> needs;  ///< each: names of which one must be there
  std::vector<std::pair<std::string, std::string>> settings;
};

std::string bare_name(std::string_view part) {
  const auto trimmed = trim(part);
  return std::string(trimmed.substr(0, trimmed.find_first_of(" (:[")));
}

std::vector<std::string> names_of(std::string_view list, char separator) {
  std::vector<std::string> names;
  for (const auto part : split(list, separator)) {
    if (auto name = bare_name(part); !name.empty()) names.push_back(std::move(name));
  }
  return names;
}

/// Takes dpkg's status file apart, one paragraph at a time.
class StatusReader {
 public:
  std::vector<Package> read(std::string_view text) {
    for (const auto line : split_lines(text)) take(line);
    take({});
    return std::move(packages_);
  }

 private:
  void take(std::string_view line) {
    if (line.empty()) return finish();
    if (line[0] == ' ') {
      if (field_ == "Conffiles") add_setting(trim(line));
      return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    field_ = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (field_ == "Package") package_.name = value;
    if (field_ == "Status")
      installed_ = value.ends_with(" installed") || value.find(" triggers-") != value.npos;
    if (field_ == "Provides") package_.provides = names_of(value, ',');
    if (field_ == "Depends" || field_ == "Pre-Depends") {
      for (const auto clause : split(value, ',')) package_.needs.push_back(names_of(clause, '|'));
    }
  }
  void add_setting(std::string_view line) {
    const auto words = split(line, ' ');
    if (words.size() == 2) package_.settings.emplace_back(words[0], words[1]);
  }
  void finish() {
    if (installed_ && !package_.name.empty()) packages_.push_back(std::move(package_));
    package_ = {};
    installed_ = false;
    field_.clear();
  }

  std::vector<Package> packages_;
  Package package_;
  std::string field_;
  bool installed_ = false;
};

/// Who is there by a name, by its own or by one that it provides.
std::multimap<std::string, std::string> bearers_of(const std::vector<Package>& packages) {
  std::multimap<std::string, std::string> bearers;
  for (const auto& package : packages) {
    bearers.emplace(package.name, package.name);
    for (const auto& name : package.provides) bearers.emplace(name, package.name);
  }
  return bearers;
}

}  // namespace

AptRemoval removable_packages(std::string_view status, const std::set<std::string>& candidates) {
  const auto packages = StatusReader().read(status);
  const auto bearers = bearers_of(packages);
  AptRemoval removal;
  for (const auto& name : candidates) {
    const auto bare = bare_name(name);
    const bool there = std::any_of(packages.begin(), packages.end(),
                                   [&](const Package& package) { return package.name == bare; });
    if (there) removal.removable.insert(bare);
  }
  for (bool again = true; again;) {
    again = false;
    for (const auto& package : packages) {
      if (removal.removable.count(package.name) > 0) continue;
      for (const auto& clause : package.needs) {
        std::vector<std::string> by;
        bool other = false;
        for (const auto& name : clause) {
          const auto [first, last] = bearers.equal_range(name);
          for (auto at = first; at != last; ++at) {
            if (removal.removable.count(at->second) > 0) {
              by.push_back(at->second);
            } else {
              other = true;
            }
          }
        }
        if (other || by.empty()) continue;
        for (const auto& name : by) {
          removal.removable.erase(name);
          removal.kept.emplace(name, package.name);
        }
        again = true;
      }
    }
  }
  return removal;
}

std::vector<ConfigurationFile> configuration_files(std::string_view status,
                                                   const std::set<std::string>& packages) {
  std::vector<ConfigurationFile> files;
  for (const auto& package : StatusReader().read(status)) {
    if (packages.count(package.name) == 0) continue;
    for (const auto& [path, md5] : package.settings) files.push_back({package.name, path, md5});
  }
  return files;
}

}  // namespace mlenv
