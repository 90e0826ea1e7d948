#include <map>

#include "base/text.hpp"
#include "view/completion.hpp"

namespace mlenv {
namespace {

constexpr std::string_view beginning =
    R"(# bash completion for mlenvctl; `mlenvctl completion bash` prints it.

_mlenvctl_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }

_mlenvctl_paths() {
  local way words
  mapfile -t COMPREPLY < <(for way in "$@"; do
    read -ra words <<<"$way"
    compgen "${words[@]}" -- "$word"
  done | sort -u)
  compopt -o filenames 2>/dev/null
}

_mlenvctl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= options= topics= each
  COMPREPLY=()
  # `--color=never` is three words to bash.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for each in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [[ $each != -* ]]; then
      command=$each
      break
    fi
  done
)";

/// The shell's words that give what is suggested.
std::string action(const OptionText& option) {
  switch (suggestion_for(option)) {
    case Suggestion::nothing:
      return "return";
    case Suggestion::choices:
      return "_mlenvctl_words '" + join(option.choices, " ") + "'";
    case Suggestion::recipes:
      return "_mlenvctl_paths '-f -X !*.yaml' '-f -X !*.yml' -d";
    case Suggestion::files:
      return "_mlenvctl_paths -f";
    case Suggestion::folders:
      return "_mlenvctl_paths -d";
    case Suggestion::users:
      return "_mlenvctl_paths -u";
    case Suggestion::hosts:
      return "_mlenvctl_paths '-W live' '-f -X !*.json' -d";
    case Suggestion::topics:
      return "_mlenvctl_words \"$topics\"";
  }
  return {};
}

std::string option_words(const CommandText& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return join(names, " ");
}

/// What follows an option, by the action; options with the same one share a line.
std::string values_case(const std::vector<CommandText>& commands) {
  std::map<std::string, std::vector<std::string>> patterns;
  for (const auto& command : commands) {
    for (const auto& option : command.options) {
      if (option.value.empty()) continue;
      for (const auto& name : option.names)
        patterns[action(option)].push_back("'" + command.name + " " + name + "'");
    }
  }
  std::string text = "  case \"$command $before\" in\n";
  for (const auto& [way, which] : patterns)
    text += "    " + join(which, " | ") + ") " + way + (way == "return" ? "" : "; return") + " ;;\n";
  return text + "  esac\n";
}

std::string arguments_case(const std::vector<CommandText>& commands) {
  std::string text = "  case $command in\n";
  for (const auto& command : commands) {
    if (!command.arguments.empty())
      text += "    " + command.name + ") " + action(command.arguments.front()) + " ;;\n";
  }
  return text + "  esac\n";
}

/// All fields at once would be hundreds: they are shown when their kind is there.
std::string topics_lines(const std::vector<std::string>& topics) {
  std::vector<std::string> first;
  for (const auto& topic : topics) {
    if (topic.find('.') == std::string::npos) first.push_back(topic);
  }
  return "  if [[ $word == *.* ]]; then\n    topics='" + join(topics, " ") + "'\n  else\n    topics='" +
         join(first, " ") + "'\n  fi\n";
}

}  // namespace

std::string bash_completion(const Completion& completion) {
  std::vector<std::string> names;
  std::string options = "  case $command in\n";
  for (const auto& command : completion.commands) {
    names.push_back(command.name);
    options += "    " + command.name + ") options='" + option_words(command) + "' ;;\n";
  }
  return std::string(beginning) + "  if [[ -z $command ]]; then\n    _mlenvctl_words '" + join(names, " ") +
         " --help --help-all --version'\n    return\n  fi\n" + topics_lines(completion.topics) +
         values_case(completion.commands) + options + "  esac\n" +
         "  if [[ $word == -* ]]; then\n    _mlenvctl_words \"$options\"\n    return\n  fi\n" +
         arguments_case(completion.commands) + "}\n\ncomplete -F _mlenvctl mlenvctl\n";
}

}  // namespace mlenv
