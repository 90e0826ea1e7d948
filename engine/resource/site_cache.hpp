#pragma once

#include "resource/python_site.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// The packages of a site folder, read once a planning.
const Result<Distributions>& site_distributions(const ProbeScope& scope, const std::string& folder);

}  // namespace mlenv
