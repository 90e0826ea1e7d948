#include "plan/make_plan.hpp"

#include <algorithm>
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

/// A driver that the running machine is to get. A plain package in a tree that nobody runs promises no more
/// than to be installed; a composite promises a driver that works.
bool brings_driver(const Resource& resource, const PlanHost& host, const Facts& facts) {
  return resource.reboots && has_gpu(facts) && ((host.root == "/" && !host.tree) || !resource.chosen.empty());
}

/// What needs a driver that is installed, and waits for the boot that loads it.
void wait_for_boot(Decision& decision, const Address& driver) {
  const auto because = "the driver of `" + driver.str() + "` runs after a reboot";
  if (decision.action == Action::none) {
    if (!decision.steps.empty()) decision.because = because;
    decision.steps.clear();
  } else if (is_pending(decision.action) && decision.action != Action::manual) {
    decision = {Action::manual, because, {}, {}, {}};
  }
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
  const auto looking = host.stay();
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
  std::vector<bool> boots(count, false);  ///< drivers that are installed and do not run
  std::vector<std::vector<std::size_t>> needs;
  const auto is_one_of = [](const std::vector<std::size_t>& some, std::size_t one) {
    return std::find(some.begin(), some.end(), one) != some.end();
  };
  for (const auto self : graph.order) {
    const auto& resource = graph.resources[self];
    auto skipped = excluded(graph, self, actions, facts);
    Change change{resource.address,
                  origin_of(resource.where),
                  skipped ? std::move(*skipped) : resource.decide(scope),
                  {}};
    if (!request.all_checks) {
      for (const auto target : graph.needs[self]) {
        if (boots[target]) wait_for_boot(change.decision, graph.resources[target].address);
      }
    }
    change.composite = resource.composite;
    actions[self] = change.decision.action;
    if (brings_driver(resource, request.host, facts)) {
      boots[self] = change.decision.action == Action::none && !driver_runs(facts);
      change.reboots = is_pending(change.decision.action) && !change.decision.steps.empty();
      plan.reboot = plan.reboot || change.reboots;
    }
    if (!resource.chosen.empty() && is_pending(change.decision.action)) {
      change.decision.because += (change.decision.because.empty() ? "" : "; ") + resource.chosen;
    }
    place[self] = plan.changes.size();
    needs.emplace_back();
    for (const auto target : graph.needs[self]) {
      change.needs.push_back(graph.resources[target].address);
      if (!change.decision.steps.empty() || !is_one_of(graph.to_bring[self], target))
        needs.back().push_back(place[target]);
    }
    for (const auto target : graph.to_build[self]) change.to_build.push_back(graph.resources[target].address);
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
