#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace mlenv {

/// What a lock fixes of a recipe for one class of host, by address. Kinds read it in place of what a
/// declaration leaves open.
struct Pins {
  /// The version of an `apt_package` or `pip_package`; empty: it is there without one of its own.
  std::map<std::string, std::string> versions = {};
  /// Fields of venvs and composites; the one without a name is the value of the key that names the kind.
  std::map<std::string, std::map<std::string, std::string>> fields = {};
  /// `name==version` of all that a `pip_package` brings and no line of the recipe names.
  std::map<std::string, std::vector<std::string>> along = {};
  /// The keys by which a repository is trusted.
  std::map<std::string, std::vector<std::string>> keys = {};
  /// `name` and version of packages that come along from other archives than the distribution's own.
  std::map<std::string, std::string> debs = {};
  /// Names whose newest version is meant, where the recipe leaves it open; `*` for all.
  std::set<std::string> latest = {};
  std::string file = {};  ///< the lock
  enum class Misfit {
    warn,
    refuse,
    expect
  } misfit = Misfit::warn;  ///< what a recipe is told that does not fit
  bool operator==(const Pins&) const = default;
};

}  // namespace mlenv
