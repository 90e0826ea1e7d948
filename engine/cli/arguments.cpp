#include "cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/argument_mistake.hpp"
#include "cli/command_texts.hpp"
#include "cli/exit_code.hpp"
#include "cli/option_groups.hpp"

namespace mlenv {
namespace {

constexpr const char* version_text = "mlenvctl " MLENVCTL_VERSION;

void add_lock(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "lock", "fix the versions of all that a recipe leaves open");
  command
      .add_option_function<std::vector<std::string>>(
          "recipe",
          [&given](const std::vector<std::string>& words) {
            for (const auto& word : words) {
              const bool file = word.ends_with(".yaml") || word.ends_with(".yml");
              (file ? given.recipes : given.names).push_back(word);
            }
          },
          "the recipe's file; with --upgrade also names of what is to move")
      ->type_name("RECIPE");
  command.add_flag("--upgrade", given.upgrade, "take the newest version of NAME…, or of all");
  command.add_flag("--markdown", given.markdown, "print what moves for a pull request");
  add_variables(command, given);
  command.add_option("--root", given.root, "work on the system tree under this folder")->type_name("DIR");
  command.add_option("--user", given.user, "whose home, rc files and kernels are meant")->type_name("USER");
  command
      .add_option("--knowledge", given.knowledge, "a folder with a lab's own tables of what goes with what")
      ->type_name("DIR");
  command.add_flag("--offline", given.offline, "use what was downloaded before; open no connection");
}

void add_plan(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "plan", "show what would change, and why; changes nothing");
  add_recipe_options(command, given);
  add_host_options(command, given,
                   "plan for recorded hosts (JSON files, or folders of them) instead of this one");
  add_targets(command, given);
  command.add_flag("--markdown", given.markdown, "print for a pull request");
  command.add_option("--parallel", given.planners, "recorded hosts planned at the same time")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  command.add_option("--out", given.out, "save the plan to this file as well")->type_name("FILE");
  add_page(command, given, "write the plan to this file as a page for a browser as well");
  command
      .add_option("--as-root-script", given.root_script,
                  "write the steps that need root to this file, as a script for an administrator")
      ->type_name("FILE");
  command.add_flag("--detailed-exitcode", given.detailed_exitcode, "end with 2 when changes are pending");
  add_prune(command, given);
  add_lock_options(command, given);
  command.add_flag("--destroy", given.destroy, "show what `destroy` would remove");
  command.add_flag("--upgrade", given.upgrade, "find out anew what `latest` is");
  add_download_options(command, given);
}

void add_apply(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "apply", "plan, show the plan, ask, and carry it out");
  add_recipe_options(command, given);
  add_host_options(command, given);
  add_targets(command, given);
  add_trust(command, given);
  command.add_flag("-y,--yes", given.yes, "do not ask");
  command.add_option("--plan", given.plan_file, "apply this saved plan")->type_name("FILE");
  add_page(command, given, "write plan, time line and logs to this file as a page for a browser as well");
  add_parallel(command, given);
  add_wait(command, given);
  add_prune(command, given);
  add_lock_options(command, given);
  command.add_flag("--resume", given.resume, "go on with what the last run was asked for");
  command
      .add_option("--reboot", given.reboot, "`now`: reboot when a new driver waits for it; default: never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"never", "now"}));
  command.add_flag("--upgrade", given.upgrade, "find out anew what `latest` is");
  add_download_options(command, given);
  command.add_flag("--fetch-only", given.fetch_only, "download and verify everything, and change nothing");
}

void add_destroy(CLI::App& app, Arguments& given) {
  auto& command =
      add_command(app, given, "destroy", "remove what mlenvctl itself has made, and nothing else");
  add_recipe_options(command, given);
  add_host_options(command, given);
  command.add_option("--target", given.targets, "only this resource and what needs it")
      ->type_name("ADDRESS")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command.add_flag("-y,--yes", given.yes, "do not ask");
  add_page(command, given, "write plan, time line and logs to this file as a page for a browser as well");
  add_parallel(command, given);
  add_wait(command, given);
  command.add_flag("--allow-removals", given.allow_removals,
                   "let apt remove packages that mlenvctl has not installed");
}

void add_resolve(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "resolve", "which versions go together, and why");
  command
      .add_option("framework", given.topic,
                  "torch, tensorflow, jax, cupy, cudf, …, with a version or without")
      ->type_name("FRAMEWORK[==VERSION]");
  command.add_option("--cuda", given.cuda, "of the framework or the toolkit: 12.6, 12, cu126, cpu")
      ->type_name("VERSION");
  command.add_option("--cudnn", given.cudnn, "such as 9.10")->type_name("VERSION");
  command.add_option("--python", given.python, "such as 3.12")->type_name("VERSION");
  command.add_option("--driver", given.driver, "the installed one: a version, a branch, or none")
      ->type_name("VERSION");
  command.add_option("--gpu", given.gpus, "a PCI id (10de:2484), a compute capability (8.6), or none")
      ->type_name("GPU")
      ->expected(1)
      ->allow_extra_args(false)  // what follows the value is an argument of the command
      ->take_all();
  command.add_option("--os", given.os, "ID-VERSION: ubuntu-24.04, debian-12")->type_name("ID-VERSION");
  command.add_option("--arch", given.arch, "x86_64 or aarch64")->type_name("ARCH");
  command.add_flag("--this-host", given.this_host, "what is not given is as probed");
  add_host_options(command, given);
}

void add_snapshot(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "snapshot", "record this host, so that others can plan for it");
  add_recipe_options(command, given);
  add_host_options(command, given);
  command.add_option("-o,--out", given.out, "write the record to this file")->type_name("FILE");
}

void add_recipe_output(CLI::App& command, Arguments& given) {
  command.add_option("-o,--out", given.out, "write the recipe to this file instead of printing it")
      ->type_name("FILE");
  command.add_flag("--force", given.force, "write over a file that is there");
}

void add_adopt(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "adopt", "make a recipe of what was set up by hand on this host");
  add_host_options(command, given);
  add_recipe_output(command, given);
}

void add_init(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "init", "a first recipe that fits this host");
  add_host_options(command, given);
  add_recipe_output(command, given);
  command.add_option("--framework", given.framework, "torch, tensorflow, jax, …; torch when not given")
      ->type_name("NAME");
}

void add_export(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "export",
                              "the recipe as a Dockerfile, devcontainer, cloud-init or shell script");
  add_recipe_options(command, given);
  add_targets(command, given);
  add_lock_options(command, given);
  command
      .add_option("--format", given.export_format,
                  "dockerfile, devcontainer, cloud-init or shell; dockerfile when not given")
      ->check(CLI::IsMember({"dockerfile", "devcontainer", "cloud-init", "shell"}));
  command
      .add_option("-o,--out", given.out,
                  "write it to this file (of a devcontainer: to this folder) instead of printing it")
      ->type_name("FILE");
  command.add_flag("--force", given.force, "write over what is there");
  command.add_option("--base", given.base, "the image to begin with; the plain one of the OS when not given")
      ->type_name("IMAGE");
  command.add_option("--os", given.os, "ID-VERSION: ubuntu-24.04, debian-12; what the recipe requires")
      ->type_name("OS");
  command.add_option("--arch", given.arch, "x86_64 or aarch64")->type_name("ARCH");
  command
      .add_option("--gpu", given.gpus,
                  "a PCI id (10de:2484), a compute capability (8.6), or none; what the recipe requires")
      ->type_name("GPU")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command.add_option("--user", given.user, "whose home, rc files and kernels are meant")->type_name("USER");
  command
      .add_option("--knowledge", given.knowledge, "a folder with a lab's own tables of what goes with what")
      ->type_name("DIR");
}

void add_compare(CLI::App& app, Arguments& given) {
  auto& command = add_command(app, given, "compare", "how two hosts differ, from the driver to the wheel");
  command
      .add_option("hosts", given.sides, "two of: `live` (or `.`) for this host, the file of a record, a lock")
      ->type_name("HOST");
  command.add_flag("--markdown", given.markdown, "print for an issue or a pull request");
  command.add_option("--root", given.root, "`live` is the system tree under this folder")->type_name("DIR");
  command.add_option("--user", given.user, "whose home, venvs and kernels are meant")->type_name("USER");
  command
      .add_option("--knowledge", given.knowledge, "a folder with a lab's own tables of what goes with what")
      ->type_name("DIR");
}

void add_verify(CLI::App& app, Arguments& given) {
  auto& verify =
      add_command(app, given, "verify", "is the host still as declared? runs the checks, changes nothing");
  add_recipe_options(verify, given);
  add_host_options(verify, given);
  add_targets(verify, given);
  add_trust(verify, given);
  add_lock_options(verify, given);
}

void add_validate(CLI::App& app, Arguments& given) {
  auto& validate = add_command(app, given, "validate", "check recipes without a host");
  add_recipe_options(validate, given);
  validate.add_flag("--strict", given.strict, "end with 4 when there are warnings");
}

void add_facts(CLI::App& app, Arguments& given) {
  auto& facts = add_command(app, given, "facts", "what was probed of this machine");
  add_recipe_options(facts, given);
  add_host_options(facts, given);
  facts.add_flag("--managed", given.managed,
                 "how what a recipe manages stands, with one digest for hosts that are alike");
}

void add_doctor(CLI::App& app, Arguments& given) {
  add_host_options(add_command(app, given, "doctor", "what is wrong with the driver and what it stands on"),
                   given);
}

void add_graph(CLI::App& app, Arguments& given) {
  auto& graph = add_command(app, given, "graph", "draw what needs what");
  add_recipe_options(graph, given);
  add_host_options(graph, given);
  add_targets(graph, given);
  graph.add_option("--format", given.format, "what the drawing is written in")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"dot", "mermaid", "svg", "json"}));
}

void add_explain(CLI::App& app, Arguments& given) {
  auto& explain =
      add_command(app, given, "explain", "what a resource kind is and takes, or what is warned of");
  explain
      .add_option("topic", given.topic,
                  "KIND, KIND.FIELD, lint, lint.CODE, recipe (the language) or commands")
      ->type_name("TOPIC");
  explain.add_option("--format", given.manual, "text, markdown, or a manual page for man")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "markdown", "man"}));
}

void add_completion(CLI::App& app, Arguments& given) {
  add_command(app, given, "completion", "what a shell completes mlenvctl's command line by")
      .add_option("shell", given.topic, "for which shell")
      ->required()
      ->type_name("SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

void add_schema(CLI::App& app, Arguments& given) {
  add_command(app, given, "schema", "the JSON Schema of the recipe language");
}

void add_show(CLI::App& app, Arguments& given) {
  auto& show = add_command(app, given, "show", "a saved plan, on any host");
  show.add_option("file", given.topic, "what `plan --out` wrote")->required()->type_name("FILE");
  add_page(show, given, "write it to this file as a page for a browser as well");
}

void add_history(CLI::App& app, Arguments& given) {
  auto& history = add_command(app, given, "history", "past runs: when, what, outcome, log");
  history.add_option("run", given.topic, "print the log of this run")->type_name("RUN");
  add_page(history, given, "write them to this file as a page for a browser as well");
  history.add_option("--root", given.root, "of the system tree under this folder")->type_name("DIR");
}

struct Command {
  std::string_view name;
  void (*add)(CLI::App&, Arguments&);
};

/// In the order of the help.
constexpr Command all_commands[] = {
    {"init", add_init},       {"adopt", add_adopt},          {"plan", add_plan},
    {"apply", add_apply},     {"destroy", add_destroy},      {"resolve", add_resolve},
    {"lock", add_lock},       {"snapshot", add_snapshot},    {"compare", add_compare},
    {"export", add_export},   {"verify", add_verify},        {"validate", add_validate},
    {"facts", add_facts},     {"doctor", add_doctor},        {"graph", add_graph},
    {"explain", add_explain}, {"schema", add_schema},        {"show", add_show},
    {"history", add_history}, {"completion", add_completion}};

bool is_command(std::string_view word) {
  return std::any_of(std::begin(all_commands), std::end(all_commands),
                     [&](const Command& each) { return each.name == word; });
}

/// Where the words say at once which command is meant, it alone: the others cost more than a small plan does.
/// Help tells of all, and so does what looks like two commands.
void add_commands(CLI::App& app, Arguments& given, const std::vector<std::string>& words) {
  const auto names_all = [](const std::string& word) {
    return is_command(word) || word.starts_with("-h") || word.starts_with("--h");
  };
  const bool one =
      !words.empty() && is_command(words.front()) && std::none_of(words.begin() + 1, words.end(), names_all);
  for (const auto& each : all_commands) {
    if (!one || each.name == words.front()) each.add(app, given);
  }
}

/// The program itself, with the commands that the words may mean.
struct Program {
  Arguments given;
  CLI::App app{"Plan and apply for machine-learning workstations.", "mlenvctl"};

  explicit Program(const std::vector<std::string>& words) {
    app.set_help_all_flag("--help-all", "help of all commands");
    app.add_flag_callback(
        "--version", [] { throw CLI::CallForHelp(); }, "print the version");
    app.require_subcommand(1);
    add_commands(app, given, words);
  }
};

}  // namespace

std::vector<CommandText> described_commands() { return command_texts(Program({}).app); }

ParsedArguments parse_arguments(std::vector<std::string> words) {
  Program program(words);
  auto& app = program.app;
  if (std::find(words.begin(), words.end(), "--version") != words.end())
    return {std::nullopt, 0, std::string(version_text) + "\n"};
  if (words.empty()) return {std::nullopt, exit_bad_input, app.help()};
  try {
    auto reversed = words;
    std::reverse(reversed.begin(), reversed.end());  // CLI11 takes them from the back
    app.parse(reversed);
  } catch (const CLI::CallForAllHelp&) {
    return {std::nullopt, 0, app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, 0, app.help()};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, exit_bad_input, mistake_text(app, error, words)};
  }
  return {program.given, 0, {}};
}

}  // namespace mlenv
