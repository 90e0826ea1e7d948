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

template <class T>
Json number_or_null(const std::optional<T>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json package_document(const PackageChange& package) {
  return {{"manager", package.manager},
          {"name", package.name},
          {"architecture", text_or_null(package.architecture)},
          {"action", package_action_name(package.action)},
          {"before", text_or_null(package.before)},
          {"after", text_or_null(package.after)},
          {"origin", text_or_null(package.origin)},
          {"file", text_or_null(package.file)},
          {"download_bytes", number_or_null(package.download_bytes)},
          {"disk_bytes", number_or_null(package.disk_bytes)},
          {"declared", package.declared}};
}

/// Of what a decision stands on: the state in short, and every attribute as it was found.
std::string state_digest(const Decision& decision) {
  std::string text =
      std::string(action_name(decision.action)) + "\n" + decision.found + "\n" + decision.because;
  for (const auto& each : decision.differences)
    text += "\n" + each.attribute + "=" + each.before.value_or("(none)");
  return "sha256:" + sha256_hex(text);
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
  document["state"] = {{"found", text_or_null(change.decision.found)},
                       {"digest", state_digest(change.decision)}};
  if (!change.packages.empty()) {
    for (const auto& each : change.packages) document["packages"].push_back(package_document(each));
  }
  if (change.known_after != 0) document["known_after"] = change.known_after;
  if (change.reboots) document["reboot"] = true;
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
  const auto& price = plan.price;
  const Json nothing = plan.steps.empty() ? Json(0) : Json(nullptr);
  Json cost = {{"download_bytes", price.download_bytes ? Json(*price.download_bytes) : nothing},
               {"disk_bytes", price.disk_bytes ? Json(*price.disk_bytes) : nothing},
               {"reboot", plan.reboot ? "required" : "no"},
               {"login", price.login},
               {"downloads", Json::array()},
               {"disk", Json::array()},
               {"services", price.services},
               {"estimates", price.estimates}};
  for (const auto& each : price.downloads) {
    cost["downloads"].push_back({{"source", each.source},
                                 {"files", each.files},
                                 {"bytes", each.bytes},
                                 {"cached_bytes", each.cached_bytes}});
  }
  for (const auto& each : price.disk) {
    cost["disk"].push_back({{"mount", each.mount},
                            {"need_bytes", each.need_bytes},
                            {"free_bytes", number_or_null(each.free_bytes)},
                            {"for", each.purposes},
                            {"estimated", each.estimated}});
  }
  return cost;
}

/// Of the package indexes that were planned with.
Json index_documents(const Plan& plan) {
  Json all = Json::array();
  for (const auto& each : plan.indexes)
    all.push_back({{"file", each.file}, {"digest", "sha256:" + each.sha256}});
  return all;
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
         {"virt", text_or_null(plan.host.virt)},
         {"id", text_or_null(plan.host.id)}}},
       {"changes", std::move(changes)},
       {"steps", std::move(steps)},
       {"summary", summary_document(plan)},
       {"cost", cost_document(plan)},
       {"findings", std::move(findings)},
       {"indexes", index_documents(plan)}});
}

std::string dump(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mlenv
