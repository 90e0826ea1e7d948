#include "cli/command_texts.hpp"

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// CLI11 writes the type as `WHEN:{auto,always,never}`: its name, and what validators say.
void read_type(const std::string& type, OptionText& text) {
  const auto colon = type.find(':');
  text.value = type.substr(0, colon);
  const auto open = type.find('{', colon);
  if (colon == std::string::npos || open == std::string::npos) return;
  const auto inside = type.substr(open + 1, type.find('}', open) - open - 1);
  for (const auto choice : split(inside, ',')) text.choices.emplace_back(choice);
}

OptionText option_text(const CLI::Option& option) {
  OptionText text;
  for (const auto& name : option.get_snames()) text.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) text.names.push_back("--" + name);
  text.summary = option.get_description();
  text.required = option.get_required();
  text.repeated =
      option.get_expected_max() > 1 || option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  if (option.get_type_size() != 0) read_type(option.get_type_name(), text);
  return text;
}

}  // namespace

std::vector<CommandText> command_texts(const CLI::App& app) {
  std::vector<CommandText> commands;
  for (const auto* command : app.get_subcommands({})) {
    CommandText text{command->get_name(), command->get_description(), {}, {}};
    for (const auto* option : command->get_options())
      (option->get_positional() ? text.arguments : text.options).push_back(option_text(*option));
    commands.push_back(std::move(text));
  }
  return commands;
}

}  // namespace mlenv
