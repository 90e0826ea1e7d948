#include "resource/site_cache.hpp"

namespace mlenv {

const Result<Distributions>& site_distributions(const ProbeScope& scope, const std::string& folder) {
  return scope.cache.get<Result<Distributions>>("site " + folder,
                                                [&] { return read_distributions(scope.host, folder); });
}

}  // namespace mlenv
