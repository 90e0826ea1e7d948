#pragma once

#include <string>
#include <vector>

#include "apply/perform.hpp"

namespace mlenv {

/// Runs a program of apt's or dpkg's as root, so that it can ask nobody anything. Its output comes back in
/// `output`.
Outcome run_apt(std::vector<std::string> argv, Stage& stage, Output* output = nullptr);

/// `apt-get update` with these options. While another program of apt's has the lists it waits, some minutes
/// at most.
Outcome update_index(const std::vector<std::string>& options, Stage& stage, Output* output = nullptr);

/// What apt itself says is wrong (`E:` lines, or warnings of an update), in one line; empty when it says
/// nothing. Warnings of what apt takes nevertheless are none.
std::string apt_complaint(const Output& output, bool with_warnings);

/// True for what passes by itself: a mirror in the middle of its own update, a server that is overloaded.
bool passes_by_itself(const std::string& complaint);

}  // namespace mlenv
