#pragma once

#include <string>

#include "view/plan_lines.hpp"

namespace mlenv {

/// A unified diff, indented under the attributes of its change: 200 lines of it and the count of the rest,
/// lines cut at the terminal's width; with -v all of it, whole. Marked by `+` and `-`, painted where there is
/// colour.
std::string diff_lines(const Json& diff, const Style& style);

}  // namespace mlenv
