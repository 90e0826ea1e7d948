#pragma once

#include <map>

#include "forecast/shadow_apt.hpp"
#include "plan/plan.hpp"
#include "resource/dpkg_status.hpp"

namespace mlenv {

/// What a person has agreed to beforehand.
struct Consent {
  bool removals = false;  ///< of packages that the recipe does not declare, downgrades of them included
};

/// What apt is going to do for a plan's transactions.
struct AptForecast {
  std::vector<PlanFinding> findings;
  std::vector<PrintedUri> downloads;  ///< of all transactions
  bool known = true;                  ///< apt could say
};

/// Asks the shadow what each transaction of the plan will do; writes that into the steps (`expected`) and
/// under the changes that bring it (`packages`). `index_trouble` is what the index update complained of; what
/// apt then cannot resolve is not known rather than wrong.
AptForecast forecast_apt(Plan& plan, const ShadowApt& shadow, const DpkgStatus& installed,
                         const Consent& consent, const std::string& index_trouble);

/// What the next `apt-get upgrade` does, by package: with the plan's repositories, and (where that is
/// anything) without them.
struct NextUpgrade {
  std::map<std::string, AptEffect> with, without;
};
NextUpgrade next_upgrade(const ShadowApt& with, const ShadowApt& without);

/// What it changes with the repositories that it would not change without them: a finding, or nothing.
std::optional<PlanFinding> forecast_upgrade(const Plan& plan, const NextUpgrade& upgrade);

}  // namespace mlenv
