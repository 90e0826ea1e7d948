#pragma once

#include "forecast/forecast.hpp"

namespace mlenv {

/// Puts the downloads before everything else: one step for what apt needs, one for wheels in each cache
/// that they go to. All that changes the host needs them.
void add_fetch_steps(Plan& plan, const AptForecast& apt, const PipForecast& pip, const PythonCaches& caches,
                     const HostReader& host);

/// Puts an index update before the transactions: the host's index is older than the one that was planned
/// with.
void add_index_update(Plan& plan);

}  // namespace mlenv
