#include <algorithm>
#include <array>

#include "kinds/lint.hpp"

namespace mlenv {
namespace {

/// A program that changes the host, with the word that makes it do so; empty: it always does.
struct Changer {
  std::string_view program;
  std::string_view word;
};

constexpr std::array<Changer, 20> changers = {
    {{"apt-key", ""},       {"add-apt-repository", ""}, {"modprobe", ""},      {"apt", "install"},
     {"apt", "remove"},     {"apt", "update"},          {"apt", "upgrade"},    {"apt-get", "install"},
     {"apt-get", "remove"}, {"apt-get", "purge"},       {"apt-get", "update"}, {"apt-get", "upgrade"},
     {"dpkg", "-i"},        {"dpkg", "--install"},      {"pip", "install"},    {"pip", "uninstall"},
     {"pip3", "install"},   {"pip3", "uninstall"},      {"uv", "install"},     {"conda", "install"}}};

using Words = std::vector<std::string>;

/// The commands of a shell's text, roughly: quotes are not looked into.
std::vector<Words> commands_of(const std::string& shell) {
  std::vector<Words> commands(1);
  std::string word;
  for (const char c : shell + "\n") {
    const bool ends_command = std::string_view(";|&()\n").find(c) != std::string_view::npos;
    if (!ends_command && c != ' ' && c != '\t') {
      word += c;
      continue;
    }
    if (!word.empty()) commands.back().push_back(std::move(word));
    word.clear();
    if (ends_command) commands.emplace_back();
  }
  return commands;
}

/// What a command changes the host with; empty when it does not.
std::string change_in(const Words& words) {
  static constexpr std::string_view before[] = {"sudo", "env", "exec", "if", "then", "do", "!"};
  const auto is_before = [](const std::string& word) {
    return std::find(std::begin(before), std::end(before), word) != std::end(before) ||
           word.find('=') != std::string::npos;
  };
  const auto first = std::find_if_not(words.begin(), words.end(), is_before);
  if (first == words.end()) return {};
  auto program = first->substr(first->rfind('/') + 1);
  for (const auto& changer : changers) {
    if (changer.program != program) continue;
    if (changer.word.empty()) return program;
    if (std::find(first + 1, words.end(), changer.word) != words.end())
      return program + " " + std::string(changer.word);
  }
  return {};
}

/// What a check's program changes the host with; empty when it only looks.
std::string change_by(const Node* run, const Node* shell) {
  Words words;
  for (const auto* each : run == nullptr ? std::vector<const Node*>() : scalars_of(*run))
    words.push_back(each->text);
  auto change = change_in(words);
  for (const auto& command : shell == nullptr ? std::vector<Words>() : commands_of(shell->text))
    if (change.empty()) change = change_in(command);
  return change;
}

}  // namespace

void lint_check(const Declaration& declaration, DecodeScope& scope) {
  const auto *run = field_of(declaration, "run"), *shell = field_of(declaration, "shell");
  if (shell != nullptr && shell->interpolated) {
    scope.diagnostics.warning("lint.shell-value", "the value of a `${…}` becomes part of the shell's text",
                              shell->span, "`run: [PROGRAM, ARGUMENT]` passes values as they are");
  }
  const auto change = change_by(run, shell);
  if (change.empty()) return;
  scope.diagnostics.warning("lint.check-changes",
                            "`" + change + "` changes the host, and a check runs at every `verify`",
                            (run != nullptr ? run : shell)->span,
                            "declare what it changes as a resource, and let the check only look");
}

}  // namespace mlenv
