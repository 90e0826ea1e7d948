#include "apply/event.hpp"

namespace mlenv {

std::string_view status_name(StepStatus status) {
  switch (status) {
    case StepStatus::ok:
      return "ok";
    case StepStatus::failed:
      return "failed";
    case StepStatus::skipped:
      return "skipped";
    case StepStatus::waiting:
      return "waiting";
  }
  return "failed";
}

}  // namespace mlenv
