#include "plan/group.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <queue>
#include <unordered_map>

#include "resource/merge_steps.hpp"

namespace mlenv {
namespace {

/// A step on its way to its place: what it must come after are nodes.
struct StepNode {
  const Step* given;             ///< as its change has it
  std::unique_ptr<Step> merged;  ///< together with others
  std::vector<std::size_t> changes;
  std::vector<std::size_t> after;

  const Step& step() const { return merged ? *merged : *given; }
  Step take() {
    if (merged) return std::move(*merged);
    return *given;
  }
};
using Nodes = std::vector<StepNode>;

void sort_out_repeats(std::vector<std::size_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

/// One node per step. A change without steps passes on what it waits for.
Nodes lone_steps(const std::vector<Change>& changes, const std::vector<std::vector<std::size_t>>& needs,
                 const std::vector<bool>& runs) {
  Nodes nodes;
  std::vector<std::vector<std::size_t>> last(changes.size());  // the nodes after which a change is done
  for (std::size_t i = 0; i < changes.size(); ++i) {
    std::vector<std::size_t> after;
    for (const auto need : needs[i]) after.insert(after.end(), last[need].begin(), last[need].end());
    sort_out_repeats(after);
    if (runs[i]) {
      for (const auto& step : changes[i].decision.steps) {
        nodes.push_back({&step, nullptr, {i}, std::move(after)});
        after = {nodes.size() - 1};
      }
    }
    last[i] = std::move(after);
  }
  return nodes;
}

/// Kahn's algorithm with the lowest number among the free, over the nodes that `alive` marks.
std::vector<std::size_t> topological(const Nodes& nodes, const std::vector<bool>& alive) {
  std::vector<std::size_t> open(nodes.size()), done;
  std::vector<std::vector<std::size_t>> followers(nodes.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!alive[i]) continue;
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

/// Merges the nodes of one key after the other. An order of all nodes is kept meanwhile, and of it only the
/// stretch between the first and the last node of a key is looked at: other steps cannot come between them.
class Merging {
 public:
  explicit Merging(Nodes nodes)
      : nodes_(std::move(nodes)), alive_(nodes_.size(), true), home_(nodes_.size()), place_(nodes_.size()) {
    for (std::size_t i = 0; i < home_.size(); ++i) home_[i] = i;
    order_ = topological(nodes_, alive_);
    for (std::size_t at = 0; at < order_.size(); ++at) place_[order_[at]] = at;
  }

  void run() {
    std::vector<std::vector<std::size_t>> members;
    std::unordered_map<std::string, std::size_t> of_key;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto key = merge_key(nodes_[i].step());
      if (key.empty()) continue;
      const auto [found, fresh] = of_key.emplace(key, members.size());
      if (fresh) members.emplace_back();
      members[found->second].push_back(i);
    }
    for (const auto& each : members) {
      if (each.size() > 1) merge(each);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (alive_[i]) come_home(nodes_[i].after, i);
    }
  }

  Nodes& nodes() { return nodes_; }
  const std::vector<bool>& alive() const { return alive_; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// Places from the first to the last.
  struct Stretch {
    std::size_t first;
    std::size_t last;

    std::size_t size() const { return last - first + 1; }
    std::size_t of(std::size_t place) const { return place >= first && place <= last ? place - first : none; }
  };

  /// The node that another has become part of.
  std::size_t home(std::size_t node) {
    while (home_[node] != node) node = home_[node] = home_[home_[node]];
    return node;
  }

  void come_home(std::vector<std::size_t>& after, std::size_t self) {
    for (auto& each : after) each = home(each);
    sort_out_repeats(after);
    after.erase(std::remove(after.begin(), after.end(), self), after.end());
  }

  void merge(const std::vector<std::size_t>& members) {
    Stretch stretch{order_.size(), 0};
    for (const auto member : members) {
      stretch.first = std::min(stretch.first, place_[member]);
      stretch.last = std::max(stretch.last, place_[member]);
    }
    std::map<std::size_t, std::vector<std::size_t>> by_round;
    const auto rounds = rounds_of(members, stretch);
    for (const auto member : members) by_round[rounds[place_[member] - stretch.first]].push_back(member);
    for (const auto& [round, together] : by_round) join(together);
    put_in_order(stretch);
  }

  /// How many rounds of the key must be over before each member begins, by the place in the stretch; of what
  /// comes after a member too, and `none` of others. Members of one round can be one step: a path from one to
  /// another through a foreign step would have put the second into the next round.
  std::vector<std::size_t> rounds_of(const std::vector<std::size_t>& members, const Stretch& stretch) {
    std::vector<std::size_t> rounds(stretch.size(), none);
    std::vector<bool> is_member(stretch.size(), false);
    for (const auto member : members) is_member[place_[member] - stretch.first] = true;
    for (std::size_t at = 0; at < stretch.size(); ++at) {
      const auto node = order_[stretch.first + at];
      if (node == none) continue;
      if (is_member[at]) rounds[at] = 0;
      for (const auto each : nodes_[node].after) {
        const auto before = stretch.of(place_[home(each)]);
        if (before == none || rounds[before] == none) continue;
        const auto round = rounds[before] + (is_member[before] && !is_member[at] ? 1 : 0);
        rounds[at] = rounds[at] == none ? round : std::max(rounds[at], round);
      }
    }
    return rounds;
  }

  void join(const std::vector<std::size_t>& together) {
    if (together.size() < 2) return;
    auto& target = nodes_[together.front()];
    std::vector<const Step*> steps;
    for (const auto each : together) steps.push_back(&nodes_[each].step());
    target.merged = std::make_unique<Step>(merge_all_steps(steps));
    for (const auto each : together) {
      if (each == together.front()) continue;
      auto& other = nodes_[each];
      target.changes.insert(target.changes.end(), other.changes.begin(), other.changes.end());
      target.after.insert(target.after.end(), other.after.begin(), other.after.end());
      other = {};
      alive_[each] = false;
      home_[each] = together.front();
    }
    come_home(target.after, together.front());
  }

  /// Kahn's algorithm within a stretch; what has become part of another leaves gaps at its end.
  void put_in_order(const Stretch& stretch) {
    std::vector<std::size_t> moving, index(stretch.size(), none);
    for (auto at = stretch.first; at <= stretch.last; ++at) {
      if (order_[at] == none || !alive_[order_[at]]) continue;
      index[at - stretch.first] = moving.size();
      moving.push_back(order_[at]);
    }
    std::vector<std::size_t> open(moving.size(), 0);
    std::vector<std::vector<std::size_t>> followers(moving.size());
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
    for (std::size_t i = 0; i < moving.size(); ++i) {
      for (const auto each : nodes_[moving[i]].after) {
        const auto before = stretch.of(place_[home(each)]);
        if (before == none) continue;
        followers[index[before]].push_back(i);
        ++open[i];
      }
      if (open[i] == 0) free.push(i);
    }
    auto at = stretch.first;
    while (!free.empty()) {
      const auto next = free.top();
      free.pop();
      place_[moving[next]] = at;
      order_[at++] = moving[next];
      for (const auto follower : followers[next]) {
        if (--open[follower] == 0) free.push(follower);
      }
    }
    for (; at <= stretch.last; ++at) order_[at] = none;
  }

  Nodes nodes_;
  std::vector<bool> alive_;
  std::vector<std::size_t> home_;   ///< itself, or the node that it has become part of
  std::vector<std::size_t> order_;  ///< of the nodes that are alive
  std::vector<std::size_t> place_;  ///< in it
};

}  // namespace

std::vector<PlannedStep> lay_out_steps(const std::vector<Change>& changes,
                                       const std::vector<std::vector<std::size_t>>& needs,
                                       const std::vector<bool>& runs) {
  Merging merging(lone_steps(changes, needs, runs));
  merging.run();
  auto& nodes = merging.nodes();
  std::vector<PlannedStep> steps;
  std::vector<int> id(nodes.size(), 0);
  for (const auto at : topological(nodes, merging.alive())) {
    auto& node = nodes[at];
    id[at] = static_cast<int>(steps.size()) + 1;
    sort_out_repeats(node.changes);
    PlannedStep step{id[at], node.take(), std::move(node.changes), {}};
    for (const auto before : node.after) step.needs.push_back(id[before]);
    std::sort(step.needs.begin(), step.needs.end());
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace mlenv
