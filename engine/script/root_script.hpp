#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// What a script of root's part is made of.
struct ScriptRequest {
  const Plan& plan;
  const HostReader& host;
  const Facts& facts;
  std::string digest;                                                ///< of the plan's document
  std::string next;                                                  ///< what the user runs afterwards
  std::function<Result<std::string>(const AddRepository&)> keyring;  ///< its keys, compared
};

/// A POSIX shell script for an administrator, and which steps of the plan are in it.
struct RootScript {
  std::string text;
  std::vector<int> steps;     ///< ids
  std::vector<int> left_out;  ///< root's too, but they need a step of the user's first
};

/// The root steps of a plan as a script: for the plan's host only, to be run by root, refusing where the host
/// is no longer what the plan has seen. Whatever stands in a recipe is quoted; nothing of it is a command. It
/// can be run again. Errors: those of the keys, and of reading the files that are to be changed.
Result<RootScript> root_script(const ScriptRequest& request);

}  // namespace mlenv
