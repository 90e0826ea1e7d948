#pragma once

#include "cli/arguments.hpp"

namespace mlenv {

/// Takes records from among the recipes: after `--host hosts/*.json` a shell has made words of its own of
/// them.
void gather_records(Arguments& arguments);
/// Whether plans for several hosts are asked for, or one in their form.
bool is_about_records(const Arguments& arguments);

/// Plans for every recorded host by itself, several at the same time; the exit code is the worst of them.
int plan_hosts(const Arguments& arguments);

}  // namespace mlenv
