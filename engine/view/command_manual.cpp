#include "base/text.hpp"
#include "view/kind_words.hpp"
#include "view/manual.hpp"

namespace mlenv {
namespace {

using Sort = ManualPart::Sort;

constexpr std::string_view about = R"(
A recipe declares what a machine must have: packages, repositories, Python venvs, kernels, variables, a driver. mlenvctl
builds the graph of it, probes the host, shows exactly what would change, and applies it: in order, only what is missing, and
the second time nothing. The language is described in `mlenvctl-recipe`(5).
)";

/// Something that has a name and a meaning outside of any command.
struct Named {
  std::string_view name, text;
};

constexpr Named exit_codes[] = {
    {"0", "done; with `--detailed-exitcode` nothing is to be changed"},
    {"1",
     "it ran and something failed; what was done, what failed and what was not reached has been printed"},
    {"2", "changes are pending (`plan --detailed-exitcode`), or the host is not as declared (`verify`)"},
    {"3", "a person or a reboot is waited for; run it again afterwards"},
    {"4",
     "refused before anything ran: the host does not meet `requires`, versions conflict, the plan is stale, "
     "another run "
     "is at work, nobody has confirmed"},
    {"5", "bad input: a recipe with errors, an unknown option, a file that cannot be read"},
    {"130", "interrupted; the running step was finished or undone"}};

constexpr Named files[] = {
    {"/var/lib/mlenvctl", "what root's runs were, the plan saved last, and what was made (the ledger)"},
    {"~/.local/state/mlenvctl", "the same of a user; below `XDG_STATE_HOME` where that is set"},
    {"/var/cache/mlenvctl", "root's downloads"},
    {"~/.cache/mlenvctl", "a user's downloads; below `XDG_CACHE_HOME` where that is set"},
    {"/usr/share/mlenvctl/schemas/recipe.schema.json",
     "the schema of recipes, which editors read where a recipe begins with `# yaml-language-server: "
     "$schema=` and its path"},
    {"/usr/share/mlenvctl/recipes", "recipes to begin with"}};

constexpr Named environment[] = {
    {"NO_COLOR", "no colours, whatever the terminal can do"},
    {"XDG_STATE_HOME, XDG_CACHE_HOME", "where mlenvctl keeps its own files"},
    {"SUDO_USER", "behind sudo, the user whose home is meant"},
    {"http_proxy, https_proxy, no_proxy", "the proxy, as for apt, pip and curl"},
    {"SSL_CERT_FILE, SSL_CERT_DIR", "certificates to trust"},
    {"PIP_INDEX_URL, UV_INDEX_URL, …", "the user's own configuration of pip and uv counts"}};

void add_section(ManualParts& parts, const std::string& heading) {
  parts.push_back({Sort::section, {}, {}, heading, 0});
}

template <std::size_t N>
void add_named(ManualParts& parts, const std::string& heading, const Named (&all)[N]) {
  add_section(parts, heading);
  for (const auto& each : all)
    parts.push_back({Sort::entry, std::string(each.name), {}, std::string(each.text), 0});
}

std::string value_text(const OptionText& option) {
  return option.choices.empty() ? option.value : join(option.choices, "|");
}

/// `plan [OPTION…] [RECIPE…]`
std::string synopsis(const CommandText& command) {
  std::string text = command.name + " [OPTION]...";
  for (const auto& argument : command.arguments) {
    const auto value = value_text(argument) + (argument.repeated ? "..." : "");
    text += argument.required ? " " + value : " [" + value + "]";
  }
  return text;
}

bool is_help(const OptionText& option) {
  return !option.names.empty() && option.names.back().starts_with("--help");
}

void add_option(ManualParts& parts, const OptionText& option) {
  parts.push_back(
      {Sort::entry, option.names.empty() ? value_text(option) : join(option.names, ", "),
       option.names.empty() ? "" : value_text(option),
       option.summary + (option.repeated && !option.names.empty() ? "; may be given several times" : ""), 0});
}

void add_command(ManualParts& parts, const CommandText& command) {
  parts.push_back({Sort::subsection, {}, {}, synopsis(command), 0});
  parts.push_back({Sort::paragraph, {}, {}, command.summary, 0});
  for (const auto& argument : command.arguments) add_option(parts, argument);
  for (const auto& option : command.options) {
    if (!is_help(option)) add_option(parts, option);
  }
}

}  // namespace

ManualPage command_manual(const std::vector<CommandText>& commands) {
  ManualPage page{"mlenvctl", 1, "plan and apply for machine-learning workstations", {}};
  auto& parts = page.parts;
  add_section(parts, "Synopsis");
  parts.push_back({Sort::paragraph, {}, {}, "`mlenvctl` COMMAND [OPTION]... [ARGUMENT]...", 0});
  add_section(parts, "Description");
  for (auto& each : manual_paragraphs(about)) parts.push_back({Sort::paragraph, {}, {}, std::move(each), 0});
  add_section(parts, "Commands");
  parts.push_back(
      {Sort::paragraph,
       {},
       {},
       "Every command has `--help`; `mlenvctl --help-all` tells of all, `mlenvctl --version` the version.",
       0});
  for (const auto& command : commands) add_command(parts, command);
  add_named(parts, "Exit status", exit_codes);
  add_named(parts, "Environment", environment);
  add_named(parts, "Files", files);
  add_section(parts, "See also");
  parts.push_back({Sort::paragraph, {}, {}, "`mlenvctl-recipe`(5), `apt`(8), `sources.list`(5)", 0});
  return page;
}

}  // namespace mlenv
