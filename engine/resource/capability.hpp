#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/source.hpp"
#include "recipe/condition.hpp"

namespace mlenv {

/// A version that the recipe declares for a package of an environment: whatever else is installed must not
/// undo it.
struct DeclaredVersion {
  std::string requirement;  ///< name and versions, without extras
  std::optional<Condition> when;
};

/// A Python environment that packages and kernels live in: a venv, from its declaration alone.
struct PythonEnv {
  std::string address;  ///< of the resource that makes it, `venv.torch`
  std::string prefix;   ///< /home/student/ml/torch
  std::string python;   ///< what was asked for: empty, a specifier, or an interpreter's path
  bool system_site_packages = false;
  std::string installer = "auto";                               ///< auto, pip or uv
  std::shared_ptr<std::vector<DeclaredVersion>> versions = {};  ///< of its packages; filled by link()
  bool operator==(const PythonEnv&) const = default;
};
using PythonEnvPtr = std::shared_ptr<const PythonEnv>;

/// What resources may offer and want, so that kinds need not know each other.
enum class Capability {
  package_source,  ///< an apt repository; wanted by every apt package
  apt_package,     ///< by package name
  rpm_package,     ///< by package name
  python_env,      ///< by the venv's name
  pip_package,     ///< by VENV/CANONICAL-NAME
  path,            ///< by absolute path: a folder or file that a resource makes
  service,         ///< by SCOPE/UNIT, system/docker.service
  membership,      ///< by GROUP/USER
};

/// Something that a resource provides, known from its spec alone.
struct Offer {
  Capability capability = Capability::path;
  std::string name;
  std::variant<std::monostate, PythonEnvPtr> value = {};
};

/// How strong an edge is. A soft edge is an inferred wish about order: it yields where explicit needs already
/// say the opposite. A hard one carries a meaning (the venv of a package): without its target there is no
/// resource.
enum class Strength { soft, hard };

/// Something that a resource needs from others. link() turns it into edges.
struct Want {
  enum class Match {
    named,   ///< the offers with one of these names
    all,     ///< every offer of the capability
    above,   ///< the nearest declared path above names[0]
    below,   ///< every path under names[0] that is declared absent; makes no edge, theirs lead here
    before,  ///< every resource declared earlier
  };
  Capability capability = Capability::path;
  Match match = Match::named;
  std::vector<std::string> names = {};
  Strength strength = Strength::soft;
  bool required = false;  ///< no match is an error at `where`
  Span where = {};
  bool to_build = false;      ///< named: what turns out to be compiled already need not wait for it
  bool to_bring = false;      ///< of all: what has nothing to do does not pass the wait for these on
  bool with_drivers = false;  ///< of all: also what brings a driver, and is not done before the next boot
  std::function<void(const Offer&)> take = {};  ///< is given the matching offers (named, all and below)
};

/// A reference by name to what another resource offers; filled in by link(), which also makes the edge.
template <class T>
struct Ref {
  std::string name;
  Span where;
  std::shared_ptr<const T> target;
  explicit operator bool() const { return !name.empty(); }
  const T* operator->() const { return target.get(); }
  const T& operator*() const { return *target; }
  bool operator==(const Ref& other) const { return name == other.name; }
};

}  // namespace mlenv
