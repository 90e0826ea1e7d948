#pragma once

#include <sys/types.h>

#include <string>

namespace mlenv {

/// The life of a forked child of `parent`: asks NVML, writes the answer to `output` as nvml_to_line does, and
/// ends. To be entered with all signals blocked.
[[noreturn]] void be_nvml_asker(const std::string& library, int output, pid_t parent) noexcept;

}  // namespace mlenv
