#pragma once

#include <map>

#include "forecast/planning_pip.hpp"
#include "forecast/wheel_pool.hpp"
#include "forecast/wheel_weight.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// A wheel that a plan brings, and where it goes.
struct PlannedWheel {
  Wheel wheel;
  std::string prefix;  ///< of the environment; empty: the user's own site
  Privilege privilege = Privilege::user;
  WheelWeight weight;
};

struct PipForecast {
  std::vector<PlanFinding> findings;
  std::vector<PlannedWheel> wheels;
  bool known = true;
};

/// What pip may use to look ahead.
struct PipRequest {
  const HostReader& host;
  HostWriter& writer;
  const Facts& facts;
  const Environment& environment;
  PythonCaches caches;
  bool offline = false;
  std::function<std::string(const CacheFolder&)> bundled_pip = {};  ///< see PlanningPips
  /// `name==version` by the address that brings it: what an earlier plan has said, and what is to come again.
  std::map<std::string, std::vector<std::string>> promised = {};

  /// As whom is asked what is installed as that one.
  User asker(Privilege privilege) const;
};

class PipAsking;

/// Takes what pip has answered for each of the plan's calls: what it would install, without installing and
/// without running any package's code (wheels alone are looked at). Writes that into the steps (`expected`)
/// and under the changes that bring it (`packages`); what depends on a Python that is not there yet is
/// `known_after` its step. `shifted`: so many steps came to stand before the others since pip was asked.
PipForecast forecast_pip(Plan& plan, const PipRequest& request, PipAsking& asking, std::size_t shifted);

}  // namespace mlenv
