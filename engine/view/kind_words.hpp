#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resource/kind.hpp"

namespace mlenv {

/// A manual's paragraphs: lines are joined, empty ones part them.
std::vector<std::string> manual_paragraphs(std::string_view manual);
/// The lines of an example without their common indentation.
std::string example_lines(std::string_view example);
/// The value that names the kind, as if it were a field.
Field name_field(const Kind& kind);

}  // namespace mlenv
