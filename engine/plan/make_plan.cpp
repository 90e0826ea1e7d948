#include "plan/make_plan.hpp"

#include <unordered_map>

#include "plan/group.hpp"

namespace mlenv {
namespace {

std::string condition_text(const std::vector<Answer>& answers) {
  std::string text;
  for (const auto& answer : answers) {
    if (!text.empty()) text += "; ";
    text += answer.subject + " is " + answer.found + ", wanted is " + answer.asked;
  }
  return text;
}

/// What `when` and what the resource has no meaning without say before its kind is asked.
std::optional<Decision> excluded(const Graph& graph, std::size_t self, const std::vector<Action>& actions,
                                 const Facts& facts) {
  const auto& resource = graph.resources[self];
  if (resource.when) {
    const auto truth = resource.when->holds(facts);
    const auto text = condition_text(resource.when->failures(facts));
    if (truth == Truth::no) return Decision{Action::not_applicable, text, {}, {}, {}};
    if (truth == Truth::unknown)
      return Decision{Action::unknown, "cannot tell whether it applies: " + text, {}, {}, {}};
  }
  for (const auto target : graph.hard[self]) {
    const auto& address = graph.resources[target].address;
    if (actions[target] == Action::not_applicable) {
      return Decision{Action::not_applicable, address.str() + " does not apply to this host", {}, {}, {}};
    }
    if (actions[target] == Action::manual) {
      return Decision{Action::manual, address.str() + " must be settled first", {}, {}, {}};
    }
  }
  return std::nullopt;
}

}  // namespace

Plan make_plan(const Graph& graph, const Facts& facts, const HostReader& host, const PlanRequest& request) {
  const auto count = graph.resources.size();
  std::vector<Action> actions(count, Action::none);
  std::unordered_map<std::string, std::size_t> by_address;
  for (std::size_t i = 0; i < count; ++i) by_address.emplace(graph.resources[i].address.str(), i);
  ProbeCache cache;
  const ProbeScope scope{host, facts, cache,
                         [&](const std::string& address) {
                           const auto found = by_address.find(address);
                           return found == by_address.end() ? Action::none : actions[found->second];
                         },
                         request.upgrade};
  Plan plan;
  plan.recipe = request.recipe;
  plan.host = request.host;
  std::vector<std::size_t> place(count);
  std::vector<std::vector<std::size_t>> needs;
  for (const auto self : graph.order) {
    const auto& resource = graph.resources[self];
    auto skipped = excluded(graph, self, actions, facts);
    Change change{resource.address,
                  origin_of(resource.where),
                  skipped ? std::move(*skipped) : resource.decide(scope),
                  {}};
    actions[self] = change.decision.action;
    if (!resource.chosen.empty() && is_pending(change.decision.action)) {
      change.decision.because += (change.decision.because.empty() ? "" : "; ") + resource.chosen;
      plan.reboot = plan.reboot || resource.reboots;
    }
    place[self] = plan.changes.size();
    needs.emplace_back();
    for (const auto target : graph.needs[self]) {
      change.needs.push_back(graph.resources[target].address);
      needs.back().push_back(place[target]);
    }
    for (const auto& finding : change.decision.findings) {
      plan.findings.push_back({finding.code, finding.severity, finding.message, finding.hint, change.origin});
    }
    plan.changes.push_back(std::move(change));
  }
  const bool pending = plan.pending();
  std::vector<bool> runs;
  for (const auto& change : plan.changes) {
    runs.push_back(pending || request.all_checks || change.decision.action != Action::none);
  }
  plan.steps = lay_out_steps(plan.changes, needs, runs);
  return plan;
}

Decision decide_again(const Graph& graph, std::size_t resource, const Facts& facts, const HostReader& host,
                      ProbeCache& cache) {
  return graph.resources[resource].decide({host, facts, cache});
}

std::vector<Answer> unmet_requirements(const Recipe& recipe, const Facts& facts) {
  std::vector<Answer> unmet;
  for (const auto& requirement : recipe.requirements) {
    for (auto& answer : requirement.condition.failures(facts)) unmet.push_back(std::move(answer));
  }
  return unmet;
}

}  // namespace mlenv
