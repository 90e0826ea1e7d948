#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace mlenv {

/// Does `work` in a child process after `become` (which gives up credentials for good), and hands its result
/// back.
Result<Done> in_child_process(const std::function<int()>& become, const std::function<Result<Done>()>& work);

}  // namespace mlenv
