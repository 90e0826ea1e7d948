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

/// An object of at most so many members, each given once. A list in braces gives the same; but where such an
/// object grows, all that is in it is copied, and a plan has thousands of them.
class Members {
 public:
  explicit Members(std::size_t most) { object_->reserve(most); }
  Members& add(const char* name, Json value) {
    object_->emplace_back(name, std::move(value));
    return *this;
  }
  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
  Json::object_t* object_ = json_.get_ptr<Json::object_t*>();
};

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
  Members document(13);
  document.add("address", change.address.str())
      .add("kind", change.address.kind)
      .add("action", action_name(change.decision.action))
      .add("reason", change.decision.because)
      .add("before", std::move(before))
      .add("after", std::move(after))
      .add("needs", std::move(needs))
      .add("origin", origin_document(change.origin));
  if (!change.decision.diff.empty()) document.add("diff", change.decision.diff);
  document.add("state", Members(2)
                            .add("found", text_or_null(change.decision.found))
                            .add("digest", state_digest(change.decision))
                            .take());
  if (!change.packages.empty()) {
    Json packages = Json::array();
    for (const auto& each : change.packages) packages.push_back(package_document(each));
    document.add("packages", std::move(packages));
  }
  if (change.known_after != 0) document.add("known_after", change.known_after);
  if (change.reboots) document.add("reboot", true);
  return document.take();
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
    auto& text = node.get_ref<std::string&>();
    if (holds_credentials(text)) text = mask_credentials(text);
  } else if (node.is_structured()) {
    for (auto& child : node) mask_strings(child);
  }
}

}  // namespace

Json origin_document(const Origin& origin) {
  const bool known = origin.line != 0;
  return Members(3)
      .add("file", text_or_null(origin.file))
      .add("line", known ? Json(origin.line) : Json(nullptr))
      .add("column", known ? Json(origin.column) : Json(nullptr))
      .take();
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
      Members(9)
          .add("format", "mlenvctl.plan/1")
          .add("recipe",
               {{"name", plan.recipe.name}, {"files", plan.recipe.files}, {"digest", plan.recipe.digest}})
          .add("host", {{"hostname", plan.host.hostname},
                        {"os", text_or_null(plan.host.os)},
                        {"arch", text_or_null(plan.host.arch)},
                        {"virt", text_or_null(plan.host.virt)},
                        {"id", text_or_null(plan.host.id)}})
          .add("changes", std::move(changes))
          .add("steps", std::move(steps))
          .add("summary", summary_document(plan))
          .add("cost", cost_document(plan))
          .add("findings", std::move(findings))
          .add("indexes", index_documents(plan))
          .take());
}

std::string dump(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mlenv
