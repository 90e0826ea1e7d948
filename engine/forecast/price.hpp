#pragma once

#include "forecast/apt_forecast.hpp"
#include "forecast/pip_forecast.hpp"

namespace mlenv {

/// What a price is worked out from.
struct PriceRequest {
  const HostReader& host;
  const Facts& facts;
  const DpkgStatus& installed;
  const CacheFolder& packages;  ///< where debs are downloaded to
  const PythonCaches& python;
  const AptForecast& apt;
  const PipForecast& pip;
};

/// The price of a plan whose packages are known: downloads for each server, room on each file system at the
/// worst moment, services and log-ins.
Price price_of(const Plan& plan, const PriceRequest& request);

/// Where there is too little room: `space.low`, one finding for each file system.
std::vector<PlanFinding> space_findings(const Price& price);

}  // namespace mlenv
