#include "base/text.hpp"
#include "view/markdown.hpp"
#include "view/packages_text.hpp"
#include "view/plans_groups.hpp"
#include "view/plans_view.hpp"

namespace mlenv {
namespace {

/// `+ apt_package.jq  (…)`: the mark first, so that a diff's colours fall on it.
std::string change_block(const Json& plan) {
  std::string text;
  for (const auto& change : at(plan, "changes")) {
    const auto lines = change_lines(change, Style{}) + packages_text(change, Style{});
    bool first = true;
    for (const auto line : split_lines(lines)) {
      text += std::string(first ? trim(line) : line) + "\n";
      first = false;
    }
  }
  return text;
}

std::string reason_list(const Json& plan) {
  std::string text;
  for (const auto& finding : at(plan, "findings")) {
    if (text_at(finding, "severity") != "error") continue;
    text += "- " + markdown_text(text_at(finding, "message")) + " (" +
            markdown_code(text_at(finding, "code")) + ")\n";
  }
  return text;
}

std::string title(const Json& plans) {
  for (const auto& plan : at(plans, "hosts")) {
    const auto name = text_at(at(plan, "recipe"), "name");
    if (!name.empty()) return "### " + markdown_code(name) + ": " + hosts_summary(plans) + "\n\n";
  }
  return "### " + hosts_summary(plans) + "\n\n";
}

std::string group_details(const HostGroup& group) {
  std::vector<std::string> names;
  for (const auto& name : group.names) names.push_back("<b>" + markdown_text(name) + "</b>");
  const auto summary = join(names, ", ") + ": " + short_summary(*group.plan);
  const bool planned = text_at(*group.plan, "status") == "planned";
  return markdown_details(
      summary, planned ? markdown_block(change_block(*group.plan), "diff") : reason_list(*group.plan));
}

}  // namespace

std::string plans_markdown(const Json& plans) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : host_rows(plans)) {
    std::vector<std::string> cells = {markdown_text(row.name), markdown_text(row.os), markdown_text(row.gpu)};
    cells.insert(cells.end(), row.counts.begin(), row.counts.end());
    cells.push_back(markdown_text(row.note));
    rows.push_back(std::move(cells));
  }
  auto text = title(plans) +
              markdown_table({"host", "OS", "GPU", "create", "change", "replace", "delete", "unknown", ""},
                             {false, false, false, true, true, true, true, true, false}, rows);
  for (const auto& group : host_groups(plans)) text += "\n" + group_details(group);
  return text;
}

}  // namespace mlenv
