#pragma once

#include <memory>

#include "base/diagnostic.hpp"
#include "cli/arguments.hpp"
#include "knowledge/knowledge.hpp"

namespace mlenv {

/// The compiled-in tables, with the files of `--knowledge DIR` over them. Reports what is wrong with those;
/// then null.
std::shared_ptr<const Knowledge> open_knowledge(const Arguments& arguments, Diagnostics& diagnostics);

}  // namespace mlenv
