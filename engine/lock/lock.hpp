#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "host/facts.hpp"
#include "recipe/pins.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// A sort of host for which one set of versions goes together.
struct HostClass {
  std::string os;    ///< `ubuntu 20.04`
  std::string arch;  ///< x86_64
  std::string gpu;   ///< the compute capabilities that are there, `8.6` or `7.5 8.6`, or `none`
  auto operator<=>(const HostClass&) const = default;
  /// `ubuntu 20.04, x86_64, gpu 8.6`
  std::string str() const;
};

/// The class of a host. Error (`lock.class`): what it hangs on is not known.
Result<HostClass> class_of(const Facts& facts);

/// A package of apt at one version: one that the recipe names, or one that comes along from another archive
/// than the distribution's own. The distribution's keeps no old versions and fixes what is unsafe in them, so
/// what comes along from there is not locked.
struct LockedDeb {
  std::string name;
  std::string version;      ///< empty: another package provides it
  std::string origin = {};  ///< `Debian:12.7/stable`, as apt has it
  bool declared = false;    ///< a line of the recipe, or what a composite chose, names it
  bool operator==(const LockedDeb&) const = default;
};

/// An index that apt has chosen from.
struct LockedIndex {
  std::string file;  ///< apt's name for it
  std::string sha256;
  bool operator==(const LockedIndex&) const = default;
};

/// A repository by its address, and whose signature counts.
struct LockedKey {
  std::string address;
  std::vector<std::string> fingerprints;
  bool operator==(const LockedKey&) const = default;
};

struct LockedWheel {
  Wheel wheel;
  std::string by;  ///< the address that brings it
  bool operator==(const LockedWheel&) const = default;
};

/// A venv (or the user's own site, `user`) and all that is in it.
struct LockedEnvironment {
  std::string name;
  std::string python;  ///< 3.8
  std::vector<LockedWheel> wheels;
  bool operator==(const LockedEnvironment&) const = default;
};

/// The name of the environment that a venv is, or that a Python package belongs to: `torch`, or `user`.
std::string environment_of(const Address& address);

/// What a composite has settled, see Expansion.
struct LockedChoice {
  std::string address;
  std::vector<std::pair<std::string, std::string>> settled;
  bool operator==(const LockedChoice&) const = default;
};

/// All versions of one class of host.
struct LockedClass {
  HostClass host;
  std::string driver = {};  ///< its branch, where the recipe brings one
  std::vector<LockedChoice> choices = {};
  std::vector<LockedKey> keys = {};
  std::vector<LockedIndex> indexes = {};
  std::vector<LockedDeb> debs = {};
  std::vector<LockedEnvironment> environments = {};
  bool operator==(const LockedClass&) const = default;
};

/// The file beside a recipe that fixes what the recipe leaves open.
struct Lock {
  std::string recipe;
  std::vector<LockedClass> classes;  ///< sorted by host
  bool operator==(const Lock&) const = default;

  const LockedClass* find(const HostClass& host) const;
  /// Puts a class in, in place of the one that was there.
  void put(LockedClass locked);
};

/// `RECIPE.lock`.
std::string lock_path(const std::string& recipe);

nlohmann::ordered_json lock_document(const Lock& lock);
/// The document with a line for each package, so that a diff of it can be read.
std::string lock_text(const Lock& lock);
/// Errors (`lock.format`): it is none, or one of a later version.
Result<Lock> read_lock(std::string_view text);

/// What a class fixes, as kinds read it.
Pins pins_of(const LockedClass& locked, const std::string& file);

}  // namespace mlenv
