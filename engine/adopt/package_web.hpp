#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/dpkg_stanza.hpp"

namespace mlenv {

/// The installed packages and what each brings along, by dpkg's own words: dependencies, and recommendations
/// where apt follows them. Source: deb-control(5), Debian policy 7.
class PackageWeb {
 public:
  PackageWeb(std::vector<DpkgStanza> installed, bool recommended);

  const std::vector<DpkgStanza>& packages() const { return packages_; }
  /// What a package brings directly: indices into packages().
  const std::vector<std::size_t>& brought_by(std::size_t package) const { return brings_[package]; }
  /// By name; of several architectures all.
  std::vector<std::size_t> named(std::string_view name) const;

  /// Of these packages the fewest that bring all of them: those that no other of them brings, and of those
  /// that bring each other the first. `there` is what comes anyway, by index, and grows.
  std::vector<std::size_t> fewest(std::vector<std::size_t> wanted, std::vector<bool>& there) const;
  /// Marks a package and all that it brings.
  void bring(std::size_t package, std::vector<bool>& there) const;

 private:
  void read_list(std::string_view list, std::vector<std::size_t>& brings) const;

  std::vector<DpkgStanza> packages_;
  std::multimap<std::string, std::size_t, std::less<>> by_name_;
  std::multimap<std::string, std::size_t, std::less<>> by_provided_;
  std::vector<std::vector<std::size_t>> brings_;
};

/// The packages that apt has brought for others' sake, `name:architecture`. Source: apt-mark(8).
std::set<std::string> automatic_packages(std::string_view extended_states);

/// The packages that somebody asked apt for by name, as its history tells.
std::set<std::string> requested_packages(std::string_view history);

}  // namespace mlenv
