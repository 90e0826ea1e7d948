#include "adopt/package_web.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// `python3` of ` python3:any (>= 3.9) [amd64]`.
std::string_view bare_name(std::string_view relation) {
  relation = trim(relation);
  return relation.substr(0, std::min(relation.find_first_of(" (:[<"), relation.size()));
}

/// The words of a command line of apt's that name packages: behind `install`, options left out.
void read_command(std::string_view line, std::set<std::string>& names) {
  bool installs = false, value_follows = false;
  for (const auto word : split(line, ' ')) {
    if (value_follows || word.empty()) {
      value_follows = value_follows && word.empty();
      continue;
    }
    value_follows = word == "-o" || word == "-t" || word == "-c" || word == "--target-release";
    if (word == "install") installs = true;
    const bool file = word.find("/") == 0 || word.starts_with(".");
    if (!installs || word.front() == '-' || word == "install" || file) continue;
    auto name = word.substr(0, std::min(word.find_first_of("=/:"), word.size()));
    if (name.ends_with("-")) continue;  // an order to remove
    names.emplace(name);
  }
}

}  // namespace

PackageWeb::PackageWeb(std::vector<DpkgStanza> installed, bool recommended)
    : packages_(std::move(installed)), brings_(packages_.size()) {
  for (std::size_t at = 0; at < packages_.size(); ++at) {
    by_name_.emplace(packages_[at].name, at);
    for (const auto each : split(packages_[at].provides, ','))
      if (const auto name = bare_name(each); !name.empty()) by_provided_.emplace(name, at);
  }
  for (std::size_t at = 0; at < packages_.size(); ++at) {
    read_list(packages_[at].depends, brings_[at]);
    if (recommended) read_list(packages_[at].recommends, brings_[at]);
  }
}

std::vector<std::size_t> PackageWeb::named(std::string_view name) const {
  std::vector<std::size_t> found;
  const auto [first, last] = by_name_.equal_range(name);
  for (auto at = first; at != last; ++at) found.push_back(at->second);
  return found;
}

/// Of alternatives the first that is installed; else what provides one.
void PackageWeb::read_list(std::string_view list, std::vector<std::size_t>& brings) const {
  for (const auto relation : split(list, ',')) {
    std::vector<std::size_t> found;
    const auto alternatives = split(relation, '|');
    for (auto each = alternatives.begin(); each != alternatives.end() && found.empty(); ++each)
      found = named(bare_name(*each));
    for (auto each = alternatives.begin(); each != alternatives.end() && found.empty(); ++each) {
      const auto [first, last] = by_provided_.equal_range(bare_name(*each));
      for (auto at = first; at != last; ++at) found.push_back(at->second);
    }
    brings.insert(brings.end(), found.begin(), found.end());
  }
}

void PackageWeb::bring(std::size_t package, std::vector<bool>& there) const {
  std::vector<std::size_t> open = {package};
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    if (there[next]) continue;
    there[next] = true;
    open.insert(open.end(), brings_[next].begin(), brings_[next].end());
  }
}

std::vector<std::size_t> PackageWeb::fewest(std::vector<std::size_t> wanted, std::vector<bool>& there) const {
  std::vector<std::size_t> chosen;
  const auto drop_there = [&] {
    wanted.erase(std::remove_if(wanted.begin(), wanted.end(), [&](auto each) { return there[each]; }),
                 wanted.end());
  };
  drop_there();
  std::vector<bool> brought(packages_.size());
  for (const auto each : wanted) {
    std::vector<bool> below(packages_.size());
    bring(each, below);
    for (std::size_t at = 0; at < below.size(); ++at) {
      if (below[at] && at != each) brought[at] = true;
    }
  }
  for (const auto each : wanted) {
    if (brought[each]) continue;
    chosen.push_back(each);
    bring(each, there);
  }
  for (drop_there(); !wanted.empty(); drop_there()) {
    chosen.push_back(wanted.front());
    bring(wanted.front(), there);
  }
  return chosen;
}

std::set<std::string> automatic_packages(std::string_view extended_states) {
  std::set<std::string> names;
  std::string name, architecture;
  for (const auto line : split_lines(extended_states)) {
    if (line.starts_with("Package: ")) name = line.substr(9);
    if (line.starts_with("Architecture: ")) architecture = line.substr(14);
    if (line == "Auto-Installed: 1") names.insert(name + ":" + architecture);
  }
  return names;
}

std::set<std::string> requested_packages(std::string_view history) {
  constexpr std::string_view field = "Commandline: ";
  std::set<std::string> names;
  for (const auto line : split_lines(history)) {
    if (line.starts_with(field)) read_command(line.substr(field.size()), names);
  }
  return names;
}

}  // namespace mlenv
