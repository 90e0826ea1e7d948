#pragma once

#include <string>

#include "host/nvml.hpp"

namespace mlenv {

/// What nvml.h calls a return code: NVML_ERROR_DRIVER_NOT_LOADED; `NVML error 77` for one that it does not
/// know.
std::string nvml_code_name(int code);

/// What a return code means for the asking as a whole.
NvmlStatus nvml_code_status(int code);

}  // namespace mlenv
