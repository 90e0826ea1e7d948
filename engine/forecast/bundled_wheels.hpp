#pragma once

#include <string>
#include <vector>

#include "host/reader.hpp"

namespace mlenv {

/// The wheels that `ensurepip` would install into a venv of that Python, pip's first; none where it has to be
/// asked itself. `base` is the prefix of the Python, `/usr`.
std::vector<std::string> bundled_wheels(const HostReader& host, const std::string& base,
                                        const std::string& minor);

}  // namespace mlenv
