#pragma once

#include <string>
#include <vector>

#include "apply/perform.hpp"
#include "forecast/apt_output.hpp"

namespace mlenv {

/// Runs a program of apt's or dpkg's as root, so that it can ask nobody anything. Its output comes back in
/// `output`.
Outcome run_apt(std::vector<std::string> argv, Stage& stage, Output* output = nullptr);

/// `apt-get update` with these options. While another program of apt's has the lists it waits, some minutes
/// at most.
Outcome update_index(const std::vector<std::string>& options, Stage& stage, Output* output = nullptr);

}  // namespace mlenv
