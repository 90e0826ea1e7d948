#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "view/html_parts.hpp"
#include "view/html_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t most_links = 8;  // more of them are folded
constexpr const char* arrow = "<span class=\"arrow\">-&gt;</span>";

std::string value_html(const Json& values, const std::string& name, const char* classes) {
  const auto& value = at(values, name.c_str());
  if (value.is_null()) return element("span", "nothing", "(none)");
  const auto words = html_at(values, name.c_str());
  return words.empty() ? element("span", "nothing", "(empty)") : element("span", classes, words);
}

/// Old and new; of what is made the new alone, of what goes the old alone.
std::string values_html(const Json& change, const std::string& name) {
  const auto &before = at(change, "before"), &after = at(change, "after");
  const auto action = text_at(change, "action");
  const bool no_old = at(before, name.c_str()).is_null(), no_new = at(after, name.c_str()).is_null();
  if (action == "create" && no_old) return value_html(after, name, "new");
  if (action == "delete" && no_new) return value_html(before, name, "old");
  if (!no_old && at(before, name.c_str()) == at(after, name.c_str())) return value_html(after, name, "");
  return value_html(before, name, "old") + " " + arrow + " " + value_html(after, name, "new");
}

std::string attributes_html(const Json& change) {
  std::vector<std::string> names;
  for (const char* side : {"before", "after"}) {
    const auto& values = at(change, side);
    if (!values.is_object()) continue;
    for (const auto& [name, value] : values.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string rows;
  for (const auto& name : names)
    rows += element("dt", "", html(name)) + element("dd", "", values_html(change, name)) + "\n";
  return rows.empty() ? rows : element("dl", "attributes", rows) + "\n";
}

std::string origin_text(const Json& origin) {
  auto text = text_at(origin, "file");
  for (const char* key : {"line", "column"}) {
    if (const auto number = text_at(origin, key); !number.empty()) text += ":" + number;
  }
  return text;
}

std::string links_html(const PageChanges& changes, const std::vector<std::size_t>& others) {
  std::vector<std::string> links;
  for (const auto other : others) {
    const auto& change = *changes.all[other];
    links.push_back("<a href=\"#c" + std::to_string(other) + "\">" + html_at(change, "address") + "</a>");
  }
  const auto list = join(links, ", ");
  return links.size() > most_links ? folded("many", counted(links.size(), "resource", "resources"), list)
                                   : list;
}

/// Where it stands, what it needs and what needs it, which steps bring it.
std::string facts_html(const PageChanges& changes, std::size_t number) {
  const auto& change = *changes.all[number];
  std::string rows;
  const auto row = [&](const char* name, const std::string& value) {
    if (!value.empty()) rows += element("dt", "", name) + element("dd", "", value) + "\n";
  };
  row("declared in", element("code", "", html(origin_text(at(change, "origin")))));
  row("needs", links_html(changes, changes.needs[number]));
  row("needed by", links_html(changes, changes.needed_by[number]));
  std::vector<std::string> steps;
  for (const auto& id : changes.steps[number])
    steps.push_back("<a href=\"#s" + html(id) + "\">step " + html(id) + "</a>");
  row("done by", join(steps, ", "));
  if (const auto step = html_at(change, "known_after"); !step.empty())
    row("known after", "<a href=\"#s" + step + "\">step " + step + "</a>: the rest cannot be told before");
  return element("dl", "facts", rows) + "\n";
}

std::string change_html(const PageChanges& changes, std::size_t number) {
  const auto& change = *changes.all[number];
  const auto action = text_at(change, "action");
  const auto summary = mark_html(action) + element("code", "address", html_at(change, "address")) +
                       element("span", "reason", prose(text_at(change, "reason")));
  const auto body = "<div class=\"body\" id=\"c" + std::to_string(number) + "\">\n" +
                    change_body_html(changes, number) + "</div>";
  auto text = folded("change a-" + look_of(action).action, summary, body);
  text.insert(text.find(' '), " data-action=\"" + look_of(action).action + "\"");
  return text;
}

/// All changes of one action, behind a line that counts them.
std::string quiet_html(const PageChanges& changes, const std::string& action, const std::string& words) {
  std::string inside;
  std::size_t count = 0;
  for (std::size_t i = 0; i < changes.all.size(); ++i) {
    if (text_at(*changes.all[i], "action") != action) continue;
    inside += change_html(changes, i);
    ++count;
  }
  if (count == 0) return {};
  return folded("quiet", mark_html(action) + std::to_string(count) + " " + words, inside);
}

}  // namespace

std::string diff_html(const std::string& diff) {
  std::string lines;
  for (const auto line : split_lines(diff)) {
    const char* kind = line.starts_with("+++") || line.starts_with("---") ? "file"
                       : line.starts_with("@@")                           ? "place"
                       : line.starts_with("+")                            ? "add"
                       : line.starts_with("-")                            ? "remove"
                                                                          : "";
    lines += element("span", kind, html_line(line)) + "\n";
  }
  return lines.empty() ? lines : "<pre class=\"diff\" tabindex=\"0\">" + lines + "</pre>\n";
}

std::string change_body_html(const PageChanges& changes, std::size_t number) {
  const auto& change = *changes.all[number];
  const auto& diff = at(change, "diff");
  return attributes_html(change) + (diff.is_string() ? diff_html(diff.get<std::string>()) : "") +
         packages_html(at(change, "packages")) + facts_html(changes, number);
}

std::string changes_html(const PageChanges& changes) {
  std::string list;
  for (std::size_t i = 0; i < changes.all.size(); ++i) {
    const auto action = text_at(*changes.all[i], "action");
    if (action != "none" && action != "not_applicable") list += change_html(changes, i);
  }
  if (list.empty() && !changes.all.empty())
    list = element("p", "calm", "No changes. The host is as declared.") + "\n";
  return element("div", "changes",
                 list + quiet_html(changes, "none", "already as declared") +
                     quiet_html(changes, "not_applicable", "not for this host")) +
         "\n";
}

}  // namespace mlenv
