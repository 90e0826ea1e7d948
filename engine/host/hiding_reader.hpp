#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/reader.hpp"

namespace mlenv {

/// The host as if these paths, and what is below them, were not there. `host` must outlive it.
std::unique_ptr<HostReader> hiding_reader(const HostReader& host, std::vector<std::string> hidden);

}  // namespace mlenv
