#include "view/html_parts.hpp"

#include <algorithm>
#include <map>

#include "view/html_text.hpp"

namespace mlenv {

const std::vector<ActionLook>& action_looks() {
  static const std::vector<ActionLook> looks = {
      {"create", "+", "to create"},       {"update", "~", "to change"},
      {"replace", "-/+", "to replace"},   {"delete", "-", "to delete"},
      {"unknown", "?", "cannot be told"}, {"manual", "!", "waiting for a person"},
      {"none", "=", "as declared"},       {"not_applicable", "\u00d7", "not for this host"}};
  return looks;
}

ActionLook look_of(const std::string& action) {
  const auto& looks = action_looks();
  const auto found =
      std::find_if(looks.begin(), looks.end(), [&](const ActionLook& look) { return look.action == action; });
  return found == looks.end() ? ActionLook{"other", "?", action} : *found;
}

std::string mark_html(const std::string& action) {
  const auto look = look_of(action);
  return "<span class=\"mark a-" + look.action + "\" title=\"" + html(look.words) + "\">" + look.mark +
         "</span>";
}

PageChanges page_changes(const Json& plan) {
  PageChanges changes;
  std::map<std::string, std::size_t> numbers;
  for (const auto& change : at(plan, "changes")) {
    if (!change.is_object()) continue;
    numbers.emplace(text_at(change, "address"), changes.all.size());
    changes.all.push_back(&change);
  }
  Edges needs(changes.all.size());
  for (std::size_t self = 0; self < needs.size(); ++self) {
    for (const auto& need : at(*changes.all[self], "needs")) {
      const auto found = numbers.find(words_of(need));
      if (found != numbers.end()) needs[self].push_back(found->second);
    }
  }
  changes.needs = acyclic_edges(needs);
  changes.needed_by = reversed_edges(changes.needs);
  changes.steps.resize(changes.all.size());
  for (const auto& step : at(plan, "steps")) {
    for (const auto& address : at(step, "changes")) {
      const auto found = numbers.find(words_of(address));
      if (found != numbers.end()) changes.steps[found->second].push_back(text_at(step, "id"));
    }
  }
  return changes;
}

std::string section_html(const std::string& id, const std::string& title, const std::string& inside) {
  if (inside.empty()) return {};
  return "<section id=\"" + id + "\" aria-labelledby=\"h-" + id + "\">\n<h2 id=\"h-" + id + "\">" + title +
         "</h2>\n" + inside + "</section>\n";
}

std::string counted(std::size_t number, const std::string& one, const std::string& many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

}  // namespace mlenv
