#include "resource/decision.hpp"

namespace mlenv {

std::string_view action_name(Action action) {
  switch (action) {
    case Action::none:
      return "none";
    case Action::create:
      return "create";
    case Action::update:
      return "update";
    case Action::replace:
      return "replace";
    case Action::remove:
      return "delete";
    case Action::unknown:
      return "unknown";
    case Action::manual:
      return "manual";
    case Action::not_applicable:
      break;
  }
  return "not_applicable";
}

bool is_pending(Action action) { return action != Action::none && action != Action::not_applicable; }

}  // namespace mlenv
