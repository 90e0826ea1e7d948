#include "view/plan_document.hpp"

#include <array>

#include "base/text.hpp"
#include "view/finding_document.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json words_or_null(const std::vector<std::string>& words) {
  return words.empty() ? Json(nullptr) : Json(words);
}

Json change_document(const Change& change) {
  Json before = Json::object(), after = Json::object(), needs = Json::array();
  for (const auto& difference : change.decision.differences) {
    if (difference.before) before[difference.attribute] = *difference.before;
    if (difference.after) after[difference.attribute] = *difference.after;
  }
  for (const auto& need : change.needs) needs.push_back(need.str());
  Json document = {{"address", change.address.str()},
                   {"kind", change.address.kind},
                   {"action", action_name(change.decision.action)},
                   {"reason", change.decision.because},
                   {"before", std::move(before)},
                   {"after", std::move(after)},
                   {"needs", std::move(needs)},
                   {"origin", origin_document(change.origin)}};
  if (!change.decision.diff.empty()) document["diff"] = change.decision.diff;
  return document;
}

Json step_document(const PlannedStep& planned, const Plan& plan) {
  Json changes = Json::array();
  for (const auto change : planned.changes) changes.push_back(plan.changes[change].address.str());
  return {{"id", planned.id},
          {"title", step_title(planned.step)},
          {"privilege", step_privilege(planned.step) == Privilege::root ? "root" : "user"},
          {"changes", std::move(changes)},
          {"needs", planned.needs},
          {"command", words_or_null(step_command(planned.step))}};
}

Json summary_document(const Plan& plan) {
  constexpr std::array actions = {Action::create, Action::update,  Action::replace, Action::remove,
                                  Action::none,   Action::unknown, Action::manual,  Action::not_applicable};
  Json summary = Json::object();
  for (const auto action : actions) summary[std::string(action_name(action))] = plan.count(action);
  return summary;
}

/// What is not known is null; a plan without steps costs nothing for certain.
Json cost_document(const Plan& plan) {
  const Json bytes = plan.steps.empty() ? Json(0) : Json(nullptr);
  return {{"download_bytes", bytes}, {"disk_bytes", bytes}, {"reboot", plan.reboot ? "required" : "no"}};
}

void mask_strings(Json& node) {
  if (node.is_string()) {
    node = mask_credentials(node.get_ref<const std::string&>());
  } else if (node.is_structured()) {
    for (auto& child : node) mask_strings(child);
  }
}

}  // namespace

Json origin_document(const Origin& origin) {
  if (origin.line == 0) return {{"file", text_or_null(origin.file)}, {"line", nullptr}, {"column", nullptr}};
  return {{"file", text_or_null(origin.file)}, {"line", origin.line}, {"column", origin.column}};
}

Json finding_document(const PlanFinding& finding) {
  Json document = {{"code", finding.code},
                   {"severity", severity_name(finding.severity)},
                   {"message", finding.message},
                   {"hint", text_or_null(finding.hint)}};
  document.update(origin_document(finding.origin));
  return document;
}

Json masked(Json document) {
  mask_strings(document);
  return document;
}

Json plan_document(const Plan& plan) {
  Json changes = Json::array(), steps = Json::array(), findings = Json::array();
  for (const auto& change : plan.changes) changes.push_back(change_document(change));
  for (const auto& step : plan.steps) steps.push_back(step_document(step, plan));
  for (const auto& finding : plan.findings) findings.push_back(finding_document(finding));
  return masked(
      {{"format", "mlenvctl.plan/1"},
       {"recipe", {{"name", plan.recipe.name}, {"files", plan.recipe.files}, {"digest", plan.recipe.digest}}},
       {"host",
        {{"hostname", plan.host.hostname},
         {"os", text_or_null(plan.host.os)},
         {"arch", text_or_null(plan.host.arch)},
         {"virt", text_or_null(plan.host.virt)}}},
       {"changes", std::move(changes)},
       {"steps", std::move(steps)},
       {"summary", summary_document(plan)},
       {"cost", cost_document(plan)},
       {"findings", std::move(findings)}});
}

std::string dump(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mlenv
