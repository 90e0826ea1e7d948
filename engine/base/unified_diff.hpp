#pragma once

#include <string>

namespace mlenv {

/// The change from one text to another as a unified diff with three lines of context, headed by
/// `--- PATH (now)` and `+++ PATH (planned)`; `patch` understands it. Empty when they are the same.
std::string unified_diff(const std::string& path, const std::string& before, const std::string& after);

}  // namespace mlenv
