#pragma once

#include <string>
#include <vector>

#include "view/command_text.hpp"

namespace mlenv {

/// What a shell is told of mlenvctl's command line.
struct Completion {
  std::vector<CommandText> commands;
  std::vector<std::string> topics;  ///< of `explain`: kinds, `venv.path`, `lint.no-key`, …
};

// The scripts that the shells read. They ask nothing of mlenvctl while a person types.
std::string bash_completion(const Completion& completion);
std::string zsh_completion(const Completion& completion);
std::string fish_completion(const Completion& completion);

/// What a value is completed by.
enum class Suggestion { nothing, choices, recipes, files, folders, users, hosts, topics };
Suggestion suggestion_for(const OptionText& option);

}  // namespace mlenv
