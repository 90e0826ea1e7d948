#pragma once

#include <string>

#include "host/nvml.hpp"

namespace mlenv {

/// Loads NVML into this process and asks it everything; `library` is what dlopen is given. The library may
/// hang, crash or exit, so this belongs into a process that may be lost, and the library stays loaded in it.
NvmlAnswer ask_library(const std::string& library);

}  // namespace mlenv
