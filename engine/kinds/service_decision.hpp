#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resource/capability.hpp"
#include "resource/resource.hpp"
#include "resource/systemd_unit.hpp"
#include "resource/value.hpp"

namespace mlenv {

/// A unit of systemd's as a recipe asks for it.
struct ServiceSpec {
  std::string name;  ///< with its ending, docker.service
  std::string scope = "system";
  std::optional<bool> enabled;
  std::optional<bool> running;
  std::optional<FreeText> content;
  std::vector<std::string> restart_on;
  Presence state = Presence::present;
  std::vector<ExplicitNeed> restarting;    ///< restart_on
  std::string home;                        ///< of the target user
  bool from_environment = false;           ///< the content holds values of the environment
  std::vector<std::string> packages;       ///< of apt's that the recipe declares; filled in by link()
  std::vector<PythonEnvPtr> environments;  ///< of the Python packages in `restarting`; likewise
  bool operator==(
      const ServiceSpec& other) const {  // what the recipe around it says is not the declaration's
    return name == other.name && scope == other.scope && enabled == other.enabled &&
           running == other.running && content == other.content && restart_on == other.restart_on &&
           state == other.state;
  }

  UnitScope unit_scope() const { return scope == "user" ? UnitScope::user : UnitScope::system; }
  bool wants_enabled() const { return enabled.value_or(true); }
  bool wants_running() const { return running.value_or(wants_enabled()); }
  /// Without `.service`.
  std::string short_name() const;
  /// Of the unit file that the recipe brings.
  std::string path() const;
  std::string text() const;
};

/// What the host has of it.
struct ServiceState {
  bool systemd = false;            ///< is installed
  bool manager = false;            ///< is at work
  bool coming = false;             ///< no unit yet, and packages of this plan may bring it
  UnitFiles unit;                  ///< as it is, or will be with the recipe's text
  std::optional<std::string> own;  ///< text of the file at the recipe's place
  bool in_the_way = false;         ///< something else stands there
  std::optional<FileTime> since;   ///< it runs
  bool judged = true;              ///< files tell whether it runs
  std::string newer;     ///< what has changed since it was started, or does in this plan; empty: nothing
  bool reload = false;   ///< of that, some is a unit file of its own
  bool lingers = false;  ///< the user's services run without a log-in
  bool operator==(const ServiceState&) const = default;
};

Result<ServiceState> probe_service(const ServiceSpec& want, const ProbeScope& scope);
Decision diff_service(const ServiceSpec& want, const ServiceState& have, const ProbeScope& scope);
/// `enabled, running`.
std::string found_service(const ServiceState& have);

}  // namespace mlenv
