#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/screen.hpp"
#include "cli/unknown_topic.hpp"
#include "kinds/kinds.hpp"
#include "view/kind_view.hpp"
#include "view/lint_view.hpp"
#include "view/manual.hpp"

namespace mlenv {
namespace {

using Sort = ManualPart::Sort;

bool as_text(const Arguments& arguments) { return arguments.manual == "text"; }

int print_page(const ManualPage& page, const Arguments& arguments) {
  print(arguments.manual == "man"        ? manual_roff(page, {MLENVCTL_VERSION, MLENVCTL_RELEASED})
        : arguments.manual == "markdown" ? manual_markdown(page)
                                         : manual_text(page, style_of(arguments, Stream::out)));
  return exit_ok;
}

/// A part of the manual as a page of its own.
int print_parts(const std::string& topic, std::string_view summary, ManualParts parts,
                const Arguments& arguments) {
  parts.insert(parts.begin(), {Sort::section, {}, {}, "Description", 0});
  return print_page({"mlenvctl-" + topic, 5, std::string(summary), std::move(parts)}, arguments);
}

int explain_lint(const Arguments& arguments) {
  const auto style = style_of(arguments, Stream::out);
  if (arguments.topic == "lint") {
    if (as_text(arguments)) return print(lint_index(style)), exit_ok;
    return print_parts("lint", "what recipes are warned of", lint_parts(lint_rules()), arguments);
  }
  const auto* rule = find_lint_rule(arguments.topic);
  if (rule != nullptr && as_text(arguments)) return print(lint_rule_text(*rule, style)), exit_ok;
  if (rule != nullptr)
    return print_parts(arguments.topic, "a warning about recipes", lint_parts({*rule}), arguments);
  std::vector<std::string> codes;
  for (const auto& each : lint_rules()) codes.emplace_back(each.code);
  return unknown_topic("there is no code `" + arguments.topic + "`", arguments.topic, codes, arguments);
}

int explain_a_field(const Kind& kind, const std::string& path, const Arguments& arguments) {
  const auto field = field_at(kind, path);
  if (!field) {
    return unknown_topic("`" + std::string(kind.text.name) + "` has no field `" + path + "`", path,
                         field_names(kind), arguments);
  }
  if (!as_text(arguments))
    return print_parts(arguments.topic, kind.text.summary, field_parts({*field}), arguments);
  print(*explain_field(kind, path, style_of(arguments, Stream::out)));
  return exit_ok;
}

int explain_unknown(const std::string& name, const Arguments& arguments) {
  std::vector<std::string> names = {"recipe", "commands", "lint"};
  for (const auto& each : all_kinds()) names.emplace_back(each.text.name);
  return unknown_topic("there is no resource kind `" + name + "`", name, names, arguments);
}

}  // namespace

int explain_command(const Arguments& arguments) {
  const auto& topic = arguments.topic;
  const auto style = style_of(arguments, Stream::out);
  if (topic == "commands") return print_page(command_manual(described_commands()), arguments);
  if (topic == "recipe" || (topic.empty() && !as_text(arguments)))
    return print_page(recipe_manual(all_kinds()), arguments);
  if (topic.empty()) return print(explain_index(all_kinds(), style)), exit_ok;
  const auto dot = topic.find('.');
  const auto name = topic.substr(0, dot);
  if (name == "lint") return explain_lint(arguments);
  const auto* kind = find_kind(name);
  if (kind == nullptr) return explain_unknown(name, arguments);
  if (dot != std::string::npos) return explain_a_field(*kind, topic.substr(dot + 1), arguments);
  if (as_text(arguments)) return print(explain_kind(*kind, style)), exit_ok;
  return print_parts(name, kind->text.summary, kind_parts(*kind), arguments);
}

}  // namespace mlenv
