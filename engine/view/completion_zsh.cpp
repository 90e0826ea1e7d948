#include "base/text.hpp"
#include "view/completion.hpp"

namespace mlenv {
namespace {

/// Text within the single quotes of a script.
std::string quoted(std::string text) { return "'" + replace_all(std::move(text), "'", R"('\'')") + "'"; }

/// Text that `_arguments` and `_describe` read, where some characters part things.
std::string plain(std::string text) {
  for (const char* special : {"\\", "[", "]", ":"})
    text = replace_all(text, special, std::string("\\") + special);
  return text;
}

std::string action(const OptionText& option) {
  switch (suggestion_for(option)) {
    case Suggestion::nothing:
      return " ";
    case Suggestion::choices:
      return "(" + join(option.choices, " ") + ")";
    case Suggestion::recipes:
      return "_files -g \"*.(yaml|yml)\"";
    case Suggestion::files:
      return "_files";
    case Suggestion::folders:
      return "_files -/";
    case Suggestion::users:
      return "_users";
    case Suggestion::hosts:
      return "_mlenvctl_hosts";
    case Suggestion::topics:
      return "_mlenvctl_topics";
  }
  return {};
}

/// `*--var=[a variable of the recipe]:NAME=VALUE: `; of two names each excludes the other.
std::string option_words(const OptionText& option) {
  std::string end = "[" + plain(option.summary) + "]";
  if (!option.value.empty()) end += ":" + plain(option.value) + ":" + action(option);
  std::string words;
  for (const auto& name : option.names) {
    const bool parted = !option.value.empty() && name.starts_with("--");  // `--var=x` too
    const auto others = option.repeated ? std::string("*") : "(" + join(option.names, " ") + ")";
    words += " " + quoted(others + name + (parted ? "=" : "") + end);
  }
  return words;
}

std::string argument_words(const OptionText& argument, std::size_t place) {
  const auto which = argument.repeated ? std::string("*") : std::to_string(place);
  return " " + quoted(which + ":" + plain(argument.value) + ":" + action(argument));
}

std::string command_case(const CommandText& command) {
  std::string text = "    " + command.name + ")\n      _arguments -s -S";
  for (const auto& option : command.options) text += " \\\n       " + option_words(option);
  std::size_t place = 1;
  for (const auto& argument : command.arguments) text += " \\\n       " + argument_words(argument, place++);
  return text + "\n      ;;\n";
}

std::string topics_function(const std::vector<std::string>& topics) {
  std::vector<std::string> first;
  for (const auto& topic : topics) {
    if (topic.find('.') == std::string::npos) first.push_back(topic);
  }
  return "_mlenvctl_topics() {\n  if [[ $PREFIX == *.* ]]; then\n    compadd -- " + join(topics, " ") +
         "\n  else\n    compadd -- " + join(first, " ") + "\n  fi\n}\n\n";
}

constexpr std::string_view hosts_function = R"(_mlenvctl_hosts() {
  _alternative 'live:this host:(live)' 'records:record:_files -g "*.json"'
}

)";

}  // namespace

std::string zsh_completion(const Completion& completion) {
  std::string names, cases;
  for (const auto& command : completion.commands) {
    names += "        " + quoted(plain(command.name) + ":" + command.summary) + "\n";
    cases += command_case(command);
  }
  return "#compdef mlenvctl\n# zsh completion for mlenvctl; `mlenvctl completion zsh` prints it.\n\n" +
         std::string(hosts_function) + topics_function(completion.topics) +
         "_mlenvctl() {\n"
         "  local context state state_descr line curcontext=$curcontext\n"
         "  typeset -A opt_args\n"
         "  _arguments -C '(- *)'{-h,--help}'[help]' '(- *)--help-all[help of all commands]' \\\n"
         "    '(- *)--version[print the version]' '1:command:->command' '*::argument:->argument' && return\n"
         "  if [[ $state == command ]]; then\n"
         "    local -a commands=(\n" +
         names +
         "    )\n"
         "    _describe -t commands command commands\n"
         "    return\n"
         "  fi\n"
         "  case $words[1] in\n" +
         cases +
         "  esac\n"
         "}\n\n"
         "# Found on $fpath, this file is the function; read by `source`, it makes it known.\n"
         "if [[ $funcstack[1] == _mlenvctl ]]; then\n"
         "  _mlenvctl \"$@\"\n"
         "else\n"
         "  compdef _mlenvctl mlenvctl\n"
         "fi\n";
}

}  // namespace mlenv
