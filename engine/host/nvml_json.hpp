#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/nvml.hpp"

namespace mlenv {

/// An answer as one line of JSON, for a pipe between two processes of the same program.
std::string nvml_to_line(const NvmlAnswer& answer);

/// The answer that such a line holds; nothing when it is not one.
std::optional<NvmlAnswer> nvml_from_line(std::string_view line);

}  // namespace mlenv
