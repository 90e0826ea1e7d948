#include "plan/plan.hpp"

#include <algorithm>

namespace mlenv {

std::size_t Plan::count(Action action) const {
  return static_cast<std::size_t>(std::count_if(changes.begin(), changes.end(), [&](const Change& change) {
    return change.decision.action == action;
  }));
}

bool Plan::pending() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change& change) { return is_pending(change.decision.action); });
}

Origin origin_of(const Span& where) {
  if (!where) return {};
  const auto position = where.position();
  return {where.source->name, position.line, position.column};
}

}  // namespace mlenv
