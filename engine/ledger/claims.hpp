#pragma once

#include <vector>

#include "host/reader.hpp"
#include "ledger/effect.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// What carrying out a step of a plan brings, by resource. `changes` are the ones that it serves (indices
/// into the plan). Asked before the step: what is there already is not brought.
std::vector<LedgerEntry> claims_of(const Step& step, const std::vector<std::size_t>& changes,
                                   const Plan& plan, const HostReader& host, const Facts& facts);

}  // namespace mlenv
