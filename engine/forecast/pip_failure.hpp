#pragma once

#include <string>

#include "base/result.hpp"
#include "host/command.hpp"

namespace mlenv {

/// Why pip or uv gave up, out of what it printed: `pip.no-match conflict network refused disk-full
/// build-failed wrong-platform externally-managed hash-mismatch failed`. `python` is the environment's
/// version, empty when unknown.
Error explain_pip_failure(const Output& output, const std::string& python);

}  // namespace mlenv
