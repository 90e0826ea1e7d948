#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace mlenv {

/// Whether an interruption (Stop::now) may end work that is under way.
enum class Ending { never, may };

/// Does `work` in a child process after `become` (which gives up credentials for good), and hands its result
/// back. Signals that are meant for this process do not end it. Error `run.interrupted` when it was ended.
Result<Done> in_child_process(const std::function<int()>& become, const std::function<Result<Done>()>& work,
                              Ending ending = Ending::never);

}  // namespace mlenv
