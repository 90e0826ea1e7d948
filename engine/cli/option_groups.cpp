#include "cli/option_groups.hpp"

#include <CLI/CLI.hpp>

namespace mlenv {
namespace {

void add_output_options(CLI::App& app, Arguments& given) {
  app.add_flag("--json", given.json, "print for programs");
  app.add_option("--color", given.color, "colours: `auto` has them on a terminal")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("-v,--verbose", given.verbose, "say more");
  app.add_flag("-q,--quiet", given.quiet, "say only what matters");
}

/// One record takes the place of this host; of several only plans are made.
void add_host(CLI::App& app, Arguments& given, const char* what) {
  app.add_option_function<std::vector<std::string>>(
         "--host",
         [&given](const std::vector<std::string>& files) {
           given.host_files = files;
           given.host_file = files.front();
         },
         what)
      ->type_name("FILE")
      ->expected(1)
      ->allow_extra_args(false)  // what follows the value is an argument of the command
      ->take_all();
}

/// NAME=VALUE pairs are taken apart here, so that a mistake is one of the command line.
void take_variables(const std::vector<std::string>& pairs, Arguments& given) {
  for (const auto& pair : pairs) {
    const auto at = pair.find('=');
    if (at == std::string::npos || at == 0)
      throw CLI::ValidationError("--var", "expected NAME=VALUE, found " + pair);
    given.variables[pair.substr(0, at)] = pair.substr(at + 1);
  }
}

}  // namespace

void add_host_options(CLI::App& app, Arguments& given, const char* host) {
  app.add_option("--root", given.root, "work on the system tree under this folder")->type_name("DIR");
  add_host(app, given, host);
  app.add_option("--user", given.user, "whose home, rc files and kernels are meant")->type_name("USER");
  app.add_option("--knowledge", given.knowledge, "a folder with a lab's own tables of what goes with what")
      ->type_name("DIR");
}

void add_recipe_options(CLI::App& app, Arguments& given) {
  app.add_option("recipe", given.recipes, "recipe files")->type_name("RECIPE");
  add_variables(app, given);
}

void add_variables(CLI::App& app, Arguments& given) {
  app.add_option_function<std::vector<std::string>>(
         "--var", [&given](const std::vector<std::string>& pairs) { take_variables(pairs, given); },
         "a variable of the recipe")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->allow_extra_args(false)  // what follows the value is an argument of the command
      ->take_all();
}

void add_trust(CLI::App& app, Arguments& given) {
  app.add_option("--trust", given.trusted, "a user whose recipes count as your own")
      ->type_name("USER")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

void add_page(CLI::App& app, Arguments& given, const char* what) {
  app.add_option("--html", given.html, what)->type_name("FILE");
}

void add_targets(CLI::App& app, Arguments& given) {
  app.add_option("--target", given.targets, "only this resource and what it needs")
      ->type_name("ADDRESS")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

CLI::App& add_command(CLI::App& app, Arguments& given, const char* name, const char* what) {
  auto* command = app.add_subcommand(name, what);
  add_output_options(*command, given);
  command->callback([&given, name] { given.command = name; });
  return *command;
}

void add_download_options(CLI::App& command, Arguments& given) {
  command.add_flag("--offline", given.offline, "use what was downloaded before; open no connection");
  command
      .add_option("--cache", given.cache,
                  "keep downloads in this folder; it must be as trusted as the mirror")
      ->type_name("DIR");
  command.add_flag("--allow-removals", given.allow_removals,
                   "let apt remove or downgrade packages that the recipe does not declare");
}

void add_parallel(CLI::App& command, Arguments& given) {
  command.add_option("--parallel", given.parallel, "steps at the same time")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
}

void add_wait(CLI::App& command, Arguments& given) {
  command
      .add_option("--wait", given.wait, "seconds to wait for another program of apt's, 600 when not given")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 86400));
}

void add_prune(CLI::App& command, Arguments& given) {
  command.add_flag("--prune", given.prune,
                   "remove what mlenvctl has made for this recipe and it no longer declares");
}

void add_lock_options(CLI::App& command, Arguments& given) {
  auto* locked =
      command.add_flag("--locked", given.locked, "refuse a recipe that has no lock, or does not fit it");
  command.add_flag("--ignore-lock", given.ignore_lock, "choose versions as if there were no lock")
      ->excludes(locked);
}

/// Recipes are files; other words are names of what is to move.

}  // namespace mlenv
