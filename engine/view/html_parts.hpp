#pragma once

#include <string>
#include <vector>

#include "view/graph_edges.hpp"
#include "view/plan_lines.hpp"
#include "view/run_record.hpp"

namespace mlenv {

/// How an action looks on a page.
struct ActionLook {
  std::string action;
  std::string mark;   ///< readable without colour
  std::string words;  ///< `to create`
};

/// All of them, in the order in which counts are listed.
const std::vector<ActionLook>& action_looks();
/// The look of an action; of one that is not known the action's own name.
ActionLook look_of(const std::string& action);
/// `<span class="mark …">+</span>`.
std::string mark_html(const std::string& action);

/// The changes of a plan's document as a page links them: by number, in their order.
struct PageChanges {
  std::vector<const Json*> all;
  Edges needs;  ///< without cycles, which only an edited document has
  Edges needed_by;
  std::vector<std::vector<std::string>> steps;  ///< for each the ids of its steps
};
PageChanges page_changes(const Json& plan);

// The sections of a page; empty where the document has nothing for them.
std::string changes_html(const PageChanges& changes);
std::string change_body_html(const PageChanges& changes, std::size_t number);
std::string packages_html(const Json& packages);
std::string diff_html(const std::string& diff);
std::string graph_html(const PageChanges& changes);
std::string cost_html(const Json& plan);
std::string steps_html(const Json& plan);
std::string findings_html(const Json& findings);
std::string time_line_html(const RunRecord& run);
std::string logs_html(const RunRecord& run);

/// `<section id="…"><h2>…</h2>inside</section>`; empty where there is nothing inside.
std::string section_html(const std::string& id, const std::string& title, const std::string& inside);
/// `1 package`, `2 packages`.
std::string counted(std::size_t number, const std::string& one, const std::string& many);

}  // namespace mlenv
