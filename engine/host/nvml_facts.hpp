#pragma once

#include "host/facts.hpp"
#include "host/nvml.hpp"

namespace mlenv {

/// Adds what the driver itself says to the facts that were read from files: memory, MIG, names and compute
/// capabilities of the cards, the newest CUDA, and why it does not answer.
void add_nvml(Facts& facts, const NvmlAnswer& answer);

}  // namespace mlenv
