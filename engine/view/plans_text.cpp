#include <algorithm>

#include "base/text.hpp"
#include "view/packages_text.hpp"
#include "view/plan_text.hpp"
#include "view/plans_groups.hpp"
#include "view/plans_view.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

/// The rows as lines; those with a mark in front of their counts have them to the right.
std::string table(const Json& plans) {
  std::vector<std::vector<std::string>> rows = {
      {"host", "os", "gpu", "create", "change", "replace", "delete", "unknown", ""}};
  for (const auto& row : host_rows(plans)) {
    std::vector<std::string> cells = {row.name, row.os, row.gpu};
    for (std::size_t i = 0; i < row.counts.size(); ++i) {
      const auto width = rows.front()[3 + i].size();
      cells.push_back(std::string(width - std::min(width, row.counts[i].size()), ' ') + row.counts[i]);
    }
    cells.push_back(row.note);
    rows.push_back(std::move(cells));
  }
  return aligned(rows, 2);
}

std::string reasons(const Json& plan, const Style& style) {
  std::string text;
  for (const auto& finding : at(plan, "findings")) {
    if (text_at(finding, "severity") != "error") continue;
    text += "  " + red("error:", style) + " " + text_at(finding, "message") +
            dim(" [" + text_at(finding, "code") + "]", style) + "\n";
    if (const auto hint = text_at(finding, "hint"); !hint.empty()) text += "    hint: " + hint + "\n";
  }
  return text;
}

std::string group_text(const HostGroup& group, const Style& style) {
  std::string text = "\n" + bold(join(group.names, ", "), style) + ": " + short_summary(*group.plan) + "\n";
  if (text_at(*group.plan, "status") != "planned") return text + reasons(*group.plan, style);
  for (const auto& change : at(*group.plan, "changes")) {
    if (const auto lines = change_lines(change, style); !lines.empty())
      text += lines + packages_text(change, style);
  }
  return text;
}

std::string host_text(const std::string& name, const Json& plan, const Style& style) {
  const auto head = "\n" + bold("== " + name, style) + "  " + text_at(plan, "record") + "\n\n";
  if (text_at(plan, "status") != "planned") return head + short_summary(plan) + "\n" + reasons(plan, style);
  return head + plan_text(plan, style);
}

std::string recipe_line(const Json& plans, const Style& style) {
  for (const auto& plan : at(plans, "hosts")) {
    const auto name = text_at(at(plan, "recipe"), "name");
    if (!name.empty()) return bold("Recipe  ", style) + name + "\n\n";
  }
  return {};
}

}  // namespace

std::string plans_text(const Json& plans, const Style& style) {
  std::string text = recipe_line(plans, style) + table(plans);
  if (style.verbose) {
    const auto names = host_names(plans);
    std::size_t index = 0;
    for (const auto& plan : at(plans, "hosts")) text += host_text(names[index++], plan, style);
  } else {
    for (const auto& group : host_groups(plans)) text += group_text(group, style);
  }
  return text + "\n" + hosts_summary(plans) + "\n";
}

}  // namespace mlenv
