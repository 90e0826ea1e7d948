#pragma once

#include <map>

#include "forecast/apt_forecast.hpp"
#include "forecast/pip_forecast.hpp"

namespace mlenv {

/// What looking ahead may use: the host, and cache folders of mlenvctl's own, one for apt's downloads (root's
/// when root asks), and those of pip's side.
struct ForecastRequest {
  const HostReader& host;
  HostWriter& writer;
  const Facts& facts;
  const Environment& environment;
  CacheFolder packages;
  PythonCaches python;
  bool offline = false;
  Consent consent;
  std::int64_t now = 0;  ///< seconds since the epoch
  LineSink says = {};    ///< is told what is being asked, for a person who waits
  std::map<std::string, std::vector<std::string>> promised = {};  ///< see PipRequest
};

/// Completes a plan with what apt and pip will do: packages under the changes that bring them, versions in
/// the steps, the price, and the steps that download everything before anything changes. What cannot be known
/// is said so in findings; errors among them mean that the plan must not be applied. A plan without work for
/// apt or pip stays as it is, and no process is started.
void forecast(Plan& plan, const ForecastRequest& request);

}  // namespace mlenv
