#pragma once

#include <string>

#include "adopt/adopt.hpp"

namespace mlenv {

/// A first recipe for a host: a venv with the framework in the build that fits its card, driver and Python,
/// the driver where one belongs, a kernel, and a check of it all; each with the reason.
Draft starter(const AdoptedHost& host, const std::string& framework);

}  // namespace mlenv
