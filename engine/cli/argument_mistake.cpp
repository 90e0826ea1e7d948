#include "cli/argument_mistake.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"

namespace mlenv {
namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const auto near = nearest_word(word, known);
  return near ? "\nhint: did you mean `" + *near + "`?" : "";
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace

std::string mistake_text(const CLI::App& app, const CLI::ParseError& error,
                         const std::vector<std::string>& words) {
  const auto commands = command_names(app);
  const auto command =
      std::find_if(words.begin(), words.end(), [](const auto& word) { return !word.starts_with("-"); });
  const bool known =
      command != words.end() && std::find(commands.begin(), commands.end(), *command) != commands.end();
  if (command != words.end() && !known) {
    return "error: no command `" + *command + "`" + suggestion(*command, commands) + "\n";
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && known) {
    const auto options = option_names(*app.get_subcommand(*command));
    for (const auto& word : words) {
      const auto name = word.substr(0, word.find('='));
      if (name.starts_with("--") && std::find(options.begin(), options.end(), name) == options.end()) {
        return "error: `mlenvctl " + *command + "` has no option `" + name + "`" + suggestion(name, options) +
               "\n";
      }
    }
  }
  return std::string("error: ") + error.what() + "\nhint: `mlenvctl --help` lists the commands\n";
}

}  // namespace mlenv
