#include "apply/progress.hpp"

#include <algorithm>
#include <map>

namespace mlenv {
namespace {

ChangeState first_state(const Decision& decision) {
  switch (decision.action) {
    case Action::manual:
      return ChangeState::waiting;
    case Action::unknown:
      return ChangeState::failed;
    default:
      return ChangeState::open;
  }
}

bool is_waiting(ChangeState state) { return state == ChangeState::waiting || state == ChangeState::booting; }

bool is_blocking(ChangeState state) {
  return state == ChangeState::failed || state == ChangeState::skipped || is_waiting(state);
}

/// The part of a shared step that these changes brought into it.
Step part_of(const PlannedStep& shared, const Plan& plan, const std::vector<std::size_t>& changes) {
  const auto key = merge_key(shared.step);
  std::optional<Step> part;
  for (const auto change : changes) {
    for (const auto& own : plan.changes[change].decision.steps) {
      if (merge_key(own) == key) part = part ? merge_steps(*part, own) : own;
    }
  }
  return part.value_or(shared.step);
}

}  // namespace

Progress::Progress(const Plan& plan) : plan_(plan), steps_left_(plan.changes.size(), 0) {
  std::map<Address, std::size_t> index;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    index.emplace(plan.changes[i].address, i);
    states_.push_back(first_state(plan.changes[i].decision));
    needs_.emplace_back();
    for (const auto& need : plan.changes[i].needs) {
      if (const auto found = index.find(need); found != index.end()) needs_.back().push_back(found->second);
    }
  }
  for (const auto& step : plan.steps) {
    for (const auto change : step.changes) ++steps_left_[change];
  }
  needed_by_.resize(needs_.size());
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    for (const auto need : needs_[i]) needed_by_[need].push_back(i);
  }
  for (std::size_t i = 0; i < states_.size(); ++i) settle(i, states_[i]);
}

void Progress::settle(std::size_t change, ChangeState state) {
  states_[change] = state;
  if (!is_blocking(state)) return;
  std::vector<std::size_t> open = {change};
  while (!open.empty()) {
    const auto at = open.back();
    open.pop_back();
    for (const auto next : needed_by_[at]) {
      if (states_[next] != ChangeState::open || !plan_.changes[next].composite) continue;
      states_[next] = is_waiting(state) ? state : ChangeState::skipped;
      open.push_back(next);
    }
  }
}

std::optional<std::size_t> Progress::blocker(std::size_t change) const {
  if (is_blocking(states_[change])) return change;
  const auto found = std::find_if(needs_[change].begin(), needs_[change].end(),
                                  [&](std::size_t need) { return is_blocking(states_[need]); });
  return found == needs_[change].end() ? std::nullopt : std::optional(*found);
}

std::string Progress::reason_of(std::size_t change, std::size_t blocker) const {
  const auto name = "`" + plan_.changes[blocker].address.str() + "`";
  if (blocker == change && downloads_missed_) return "not all downloads are there";
  if (blocker == change) return name + " did not get that far";
  switch (states_[blocker]) {
    case ChangeState::waiting:
      return name + " must be settled first";
    case ChangeState::booting:
      return "the driver of " + name + " runs after a reboot";
    case ChangeState::skipped:
      return "it needs " + name + ", which was not reached";
    default:
      return "it needs " + name + ", which failed";
  }
}

Ready Progress::inspect(const PlannedStep& step) {
  Ready ready;
  for (const auto change : step.changes) {
    const auto by = blocker(change);
    if (!by) {
      ready.changes.push_back(change);
      continue;
    }
    if (ready.blocked.empty()) {
      ready.reason = reason_of(change, *by);
      ready.waits = is_waiting(states_[*by]);
    }
    ready.blocked.push_back(change);
    // A later change that needs this one is told so, not sent all the way back to the first cause.
    if (states_[change] == ChangeState::open) {
      settle(change, is_waiting(states_[*by]) ? ChangeState::waiting : ChangeState::skipped);
    }
  }
  if (ready.blocked.empty()) {
    ready.step = step.step;
  } else if (!ready.changes.empty()) {
    ready.step = part_of(step, plan_, ready.changes);
  }
  return ready;
}

}  // namespace mlenv
