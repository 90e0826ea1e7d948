#pragma once

#include <vector>

#include "host/facts.hpp"
#include "host/reader.hpp"
#include "knowledge/knowledge.hpp"
#include "resource/decision.hpp"

namespace mlenv {

/// What is wrong, or about to go wrong, between the host's cards and a driver that works; each with its
/// remedy, the worst first. Severity: error where GPU work cannot run, warning where it may stop one day,
/// note for what a person may want to know. Starts no process.
std::vector<Finding> preflight(const Facts& facts, const Knowledge& knowledge);

/// The keys of apt's keyrings with which NVIDIA signs nothing any more.
std::vector<Finding> find_dead_keys(const HostReader& host, const Knowledge& knowledge);

}  // namespace mlenv
