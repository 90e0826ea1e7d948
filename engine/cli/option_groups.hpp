#pragma once

#include "cli/arguments.hpp"

namespace CLI {
class App;
}

namespace mlenv {

// Options that several commands have, each group described once.

/// A command with what all have: how it prints.
CLI::App& add_command(CLI::App& app, Arguments& given, const char* name, const char* what);
/// Which host: this one, a tree, or what `host` says of records; and whose home.
void add_host_options(CLI::App& app, Arguments& given,
                      const char* host = "use a recorded host (a JSON file) instead of this one");
/// Recipes and their variables.
void add_recipe_options(CLI::App& app, Arguments& given);
void add_variables(CLI::App& app, Arguments& given);
void add_trust(CLI::App& app, Arguments& given);
/// A page for a browser.
void add_page(CLI::App& app, Arguments& given, const char* what);
void add_targets(CLI::App& app, Arguments& given);
void add_download_options(CLI::App& command, Arguments& given);
void add_parallel(CLI::App& command, Arguments& given);
void add_wait(CLI::App& command, Arguments& given);
void add_prune(CLI::App& command, Arguments& given);
void add_lock_options(CLI::App& command, Arguments& given);

}  // namespace mlenv
