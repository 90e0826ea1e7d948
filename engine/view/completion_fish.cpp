#include "base/text.hpp"
#include "view/completion.hpp"

namespace mlenv {
namespace {

constexpr std::string_view beginning =
    R"(# fish completion for mlenvctl; `mlenvctl completion fish` prints it.

# Whether the first word that is no option is the given one; without one, whether there is none yet.
function __mlenvctl_command
    set -l words (commandline -opc)
    for word in $words[2..-1]
        string match -q -- '-*' $word; and continue
        contains -- $word $argv
        return
    end
    test (count $argv) -eq 0
end

complete -c mlenvctl -f
complete -c mlenvctl -n __mlenvctl_command -s h -l help -d 'help'
complete -c mlenvctl -n __mlenvctl_command -l help-all -d 'help of all commands'
complete -c mlenvctl -n __mlenvctl_command -l version -d 'print the version'
)";

std::string quoted(std::string text) {
  return "'" + replace_all(replace_all(std::move(text), "\\", "\\\\"), "'", "\\'") + "'";
}

/// All fields at once would be hundreds: they are shown when their kind is there.
std::string topics_function(const std::vector<std::string>& topics) {
  std::vector<std::string> first;
  for (const auto& topic : topics) {
    if (topic.find('.') == std::string::npos) first.push_back(topic);
  }
  return "\nfunction __mlenvctl_topics\n    if string match -q -- '*.*' (commandline -ct)\n        string "
         "split ' ' -- '" +
         join(topics, " ") + "'\n    else\n        string split ' ' -- '" + join(first, " ") +
         "'\n    end\nend\n";
}

/// What `-a` takes; nothing where nothing is suggested.
std::string action(const OptionText& option) {
  switch (suggestion_for(option)) {
    case Suggestion::nothing:
      return {};
    case Suggestion::choices:
      return join(option.choices, " ");
    case Suggestion::recipes:
      return "(__fish_complete_suffix .yaml)";
    case Suggestion::files:
      return "(__fish_complete_path (commandline -ct))";
    case Suggestion::folders:
      return "(__fish_complete_directories (commandline -ct) folder)";
    case Suggestion::users:
      return "(__fish_complete_users)";
    case Suggestion::hosts:
      return "live (__fish_complete_suffix .json)";
    case Suggestion::topics:
      return "(__mlenvctl_topics)";
  }
  return {};
}

std::string line_for(const CommandText& command, const OptionText& option) {
  std::string line = "complete -c mlenvctl -n '__mlenvctl_command " + command.name + "'";
  for (const auto& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.names.empty() && !option.value.empty()) line += " -x";
  if (const auto given = action(option); !given.empty()) line += " -a " + quoted(given);
  return line + (option.names.empty() ? "" : " -d " + quoted(option.summary)) + "\n";
}

}  // namespace

std::string fish_completion(const Completion& completion) {
  std::string text = std::string(beginning) + topics_function(completion.topics);
  for (const auto& command : completion.commands) {
    text += "\ncomplete -c mlenvctl -n __mlenvctl_command -a " + command.name + " -d " +
            quoted(command.summary) + "\n";
    for (const auto& option : command.options) text += line_for(command, option);
    for (const auto& argument : command.arguments) text += line_for(command, argument);
  }
  return text;
}

}  // namespace mlenv
