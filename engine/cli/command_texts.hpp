#pragma once

#include <vector>

#include "view/command_text.hpp"

namespace CLI {
class App;
}

namespace mlenv {

/// What the tree of commands says of itself.
std::vector<CommandText> command_texts(const CLI::App& app);

}  // namespace mlenv
