#include <algorithm>

#include "base/text.hpp"
#include "export/recipe_export.hpp"

namespace mlenv {
namespace {

std::string indented(const std::string& text, const std::string& indentation) {
  std::string made;
  for (const auto line : split_lines(text))
    made += (line.empty() ? "" : indentation) + std::string(line) + "\n";
  return made;
}

/// cloud-init joins the entries to one script of root's: `set -e` in the first holds for all.
std::string entry(const std::string& script) { return "  - |\n" + indented(script, "    "); }

std::string users_script(const User& user, const std::vector<Statement>& statements) {
  return "runuser -u " + shell_word(user.name) +
         " -- sh -eu <<'END_OF_USER'\nexport HOME=" + shell_word(user.home) + "\ncd\n" +
         script_text(statements) + "END_OF_USER\n";
}

std::string tools_text(const std::vector<std::string>& tools) {
  if (tools.empty()) return {};
  std::vector<std::string> words = {"apt-get", "-y", "install", "--no-install-recommends", "--"};
  words.insert(words.end(), tools.begin(), tools.end());
  return entry(
      "# What the steps below are done with\n" +
      script_text({{{"apt-get update"}}, command_statement(words, "DEBIAN_FRONTEND=noninteractive")}));
}

std::string users_text(const ExportRequest& request) {
  const auto& user = request.facts.user.name;
  if (user == "root" || user == known(request.facts.os)->id) return {};
  return "users:\n  - default\n  - name: " + user + "\n    shell: /bin/bash\n    lock_passwd: true\n";
}

bool brings_driver(const Plan& plan) {
  return std::any_of(plan.changes.begin(), plan.changes.end(), [](const Change& change) {
    return change.reboots && is_pending(change.decision.action);
  });
}

std::string checks_text(const std::vector<RunCheck>& checks) {
  if (checks.empty()) return {};
  std::string text = "\n# The recipe's checks, for the user to run when it is done:\n";
  for (const auto& check : checks) {
    text += commented(check.name + ":");
    text += as_comment(check_command(check));
  }
  return text;
}

}  // namespace

std::string cloud_init_text(const ExportRequest& request, const ExportParts& parts) {
  auto text = "#cloud-config\n" + export_header(request) + users_text(request);
  text += "runcmd:\n  - set -eu\n  - export HOME=/root\n" + tools_text(parts.tools);
  for (const auto& part : parts.parts) {
    const bool root = part.privilege == Privilege::root || request.facts.user.name == "root";
    text += entry(commented(part.title, "  ") +
                  (root ? script_text(part.statements) : users_script(request.facts.user, part.statements)));
  }
  if (brings_driver(request.plan)) {
    text +=
        "# The driver takes effect with the next boot.\n"
        "power_state:\n  mode: reboot\n  message: the NVIDIA driver takes effect\n";
  }
  return text + checks_text(parts.checks);
}

}  // namespace mlenv
