#include "plan/group.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <set>

namespace mlenv {
namespace {

/// A step on its way to its place: what it must come after are nodes.
struct StepNode {
  Step step;
  std::vector<std::size_t> changes;
  std::set<std::size_t> after;
};
using Nodes = std::vector<StepNode>;

/// One node per step. A change without steps passes on what it waits for.
Nodes lone_steps(const std::vector<Change>& changes, const std::vector<std::vector<std::size_t>>& needs,
                 const std::vector<bool>& runs) {
  Nodes nodes;
  std::vector<std::set<std::size_t>> last(changes.size());  // the nodes after which a change is done
  for (std::size_t i = 0; i < changes.size(); ++i) {
    std::set<std::size_t> after;
    for (const auto need : needs[i]) after.insert(last[need].begin(), last[need].end());
    if (runs[i]) {
      for (const auto& step : changes[i].decision.steps) {
        nodes.push_back({step, {i}, after});
        after = {nodes.size() - 1};
      }
    }
    last[i] = std::move(after);
  }
  return nodes;
}

std::vector<std::size_t> topological(const Nodes& nodes) {
  std::vector<std::size_t> open(nodes.size()), done;
  std::vector<std::vector<std::size_t>> followers(nodes.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    open[i] = nodes[i].after.size();
    for (const auto before : nodes[i].after) followers[before].push_back(i);
    if (open[i] == 0) free.push(i);
  }
  while (!free.empty()) {
    const auto next = free.top();
    free.pop();
    done.push_back(next);
    for (const auto follower : followers[next]) {
      if (--open[follower] == 0) free.push(follower);
    }
  }
  return done;
}

/// How many rounds of `key` must be over before each node begins. Nodes of that key in one round can be one
/// step: a path from one to another through a foreign step would have put the second into the next round.
std::vector<std::size_t> rounds_of(const Nodes& nodes, const std::vector<std::string>& keys,
                                   const std::string& key) {
  std::vector<std::size_t> round(nodes.size(), 0);
  for (const auto at : topological(nodes)) {
    for (const auto before : nodes[at].after) {
      const bool leaves = keys[before] == key && keys[at] != key;
      round[at] = std::max(round[at], round[before] + (leaves ? 1 : 0));
    }
  }
  return round;
}

Nodes collapse(const Nodes& nodes, const std::vector<std::size_t>& home) {
  std::map<std::size_t, std::size_t> place;
  Nodes merged;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (home[i] != i) continue;
    place[i] = merged.size();
    merged.push_back({nodes[i].step, {}, {}});
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto& target = merged[place[home[i]]];
    if (home[i] != i) target.step = merge_steps(target.step, nodes[i].step);
    target.changes.insert(target.changes.end(), nodes[i].changes.begin(), nodes[i].changes.end());
    for (const auto before : nodes[i].after) {
      if (home[before] != home[i]) target.after.insert(place[home[before]]);
    }
  }
  return merged;
}

Nodes merge_key_of(Nodes nodes, const std::string& key) {
  std::vector<std::string> keys;
  for (const auto& node : nodes) keys.push_back(merge_key(node.step));
  const auto rounds = rounds_of(nodes, keys, key);
  std::map<std::size_t, std::size_t> first;
  std::vector<std::size_t> home(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    home[i] = keys[i] == key ? first.emplace(rounds[i], i).first->second : i;
  }
  return collapse(nodes, home);
}

}  // namespace

std::vector<PlannedStep> lay_out_steps(const std::vector<Change>& changes,
                                       const std::vector<std::vector<std::size_t>>& needs,
                                       const std::vector<bool>& runs) {
  auto nodes = lone_steps(changes, needs, runs);
  std::vector<std::string> keys;
  for (const auto& node : nodes) {
    const auto key = merge_key(node.step);
    if (!key.empty() && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
  for (const auto& key : keys) nodes = merge_key_of(std::move(nodes), key);
  std::vector<PlannedStep> steps;
  std::vector<int> id(nodes.size(), 0);
  for (const auto at : topological(nodes)) {
    auto& node = nodes[at];
    id[at] = static_cast<int>(steps.size()) + 1;
    std::sort(node.changes.begin(), node.changes.end());
    node.changes.erase(std::unique(node.changes.begin(), node.changes.end()), node.changes.end());
    PlannedStep step{id[at], std::move(node.step), std::move(node.changes), {}};
    for (const auto before : node.after) step.needs.push_back(id[before]);
    std::sort(step.needs.begin(), step.needs.end());
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace mlenv
