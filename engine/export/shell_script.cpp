#include "base/text.hpp"
#include "export/recipe_export.hpp"

namespace mlenv {
namespace {

constexpr std::string_view functions = R"sh(
# Runs the commands on standard input as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then sh -eu; else sudo sh -eu; fi
}
)sh";

std::string beginning(const ExportRequest& request, bool root) {
  const auto& user = request.facts.user;
  const auto& os = *known(request.facts.os);
  std::string text = "\nset -eu\numask 022\n\nstop() { printf 'stopped: %s\\n' \"$*\" >&2; exit 4; }\n\n";
  text += "[ \"$(. /etc/os-release && printf '%s %s' \"$ID\" \"$VERSION_ID\")\" = " +
          quoted_word(os.id + " " + os.version_id) + " ] ||\n  stop " +
          quoted_word("this is for " + os.id + " " + os.version_id) + "\n";
  text += "[ \"$(id -un)\" = " + quoted_word(user.name) + " ] ||\n  stop " +
          quoted_word("this is for the user " + user.name + "; `mlenvctl export --user NAME` makes another") +
          "\n";
  return text + std::string(root ? functions : "");
}

std::string roots_text(const std::vector<Statement>& statements) {
  return "as_root <<'END_OF_ROOT'\n" + script_text(statements) + "END_OF_ROOT\n";
}

std::string tools_text(const std::vector<std::string>& tools) {
  if (tools.empty()) return {};
  std::vector<std::string> words = {"apt-get", "-y", "install", "--no-install-recommends", "--"};
  words.insert(words.end(), tools.begin(), tools.end());
  auto install = command_statement(words, "DEBIAN_FRONTEND=noninteractive");
  install.lines.back() += " < /dev/null";
  return "\n# What the steps below are done with\n" + roots_text({{{"apt-get update"}}, install});
}

/// As `verify` has it: the exit code, and what the output has to contain.
std::string check_text(const RunCheck& check) {
  const auto code = std::to_string(check.expect_exit);
  std::string text = "code=0\noutput=$(" + check_command(check) + ") || code=$?\n";
  text += "printf '%s\\n' \"$output\"\n[ \"$code\" -eq " + code + " ] || stop " +
          quoted_word(check.name + ": expected exit code " + code) + "\n";
  if (check.expect_stdout) {
    const auto wanted = std::string(trim(*check.expect_stdout));
    text += "case $output in *" + quoted_word(wanted) + "*) ;; *) stop " +
            quoted_word(check.name + ": its output is not as expected") + " ;; esac\n";
  }
  return text;
}

std::string checks_text(const std::vector<RunCheck>& checks) {
  if (checks.empty()) return {};
  std::string text = "\n# The recipe's checks: `sh THIS_FILE --check`\nif [ \"${1-}\" = --check ]; then\n";
  for (const auto& check : checks) text += commented(check.name) + check_text(check);
  return text + "fi\n";
}

}  // namespace

std::string shell_script_text(const ExportRequest& request, const ExportParts& parts) {
  bool root = !parts.tools.empty();
  for (const auto& part : parts.parts) root = root || part.privilege == Privilege::root;
  auto text = "#!/bin/sh\n" + export_header(request) + "#\n" +
              commented("It stops at the first command that fails, and can be run again.");
  text += beginning(request, root) + tools_text(parts.tools);
  for (const auto& part : parts.parts) {
    text += "\n" + commented(part.title, "  ");
    text += part.privilege == Privilege::root ? roots_text(part.statements) : script_text(part.statements);
  }
  return text + checks_text(parts.checks);
}

}  // namespace mlenv
