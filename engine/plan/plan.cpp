#include "plan/plan.hpp"

#include <algorithm>

namespace mlenv {

std::string_view package_action_name(PackageChange::Action action) {
  switch (action) {
    case PackageChange::Action::install:
      return "install";
    case PackageChange::Action::upgrade:
      return "upgrade";
    case PackageChange::Action::downgrade:
      return "downgrade";
    case PackageChange::Action::remove:
      return "remove";
    default:
      return "reinstall";
  }
}

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
