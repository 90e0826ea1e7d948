#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/planning.hpp"
#include "cli/run.hpp"
#include "cli/screen.hpp"
#include "view/plan_document.hpp"
#include "view/plan_text.hpp"

namespace mlenv {
namespace {

/// The plan's document without the checks' steps: verify shows what has drifted, not what apply would run.
nlohmann::ordered_json drift_document(const Planned& planned) {
  auto plan = planned.plan;
  plan.steps.clear();
  return plan_document(plan);
}

}  // namespace

int verify_command(const Arguments& given) {
  auto arguments = given;
  const auto result = plan_as_asked(arguments, true, Ahead::leave);
  if (const auto* code = std::get_if<int>(&result)) return *code;
  const auto& planned = std::get<Planned>(result);
  if (!arguments.json) print(plan_text(drift_document(planned), style_of(arguments, Stream::out)));
  auto checks = nlohmann::ordered_json::array();
  const int checked = planned.host.recorded ? exit_ok : run_checks(planned, arguments, checks);
  if (arguments.json) {
    auto document = planned.document;
    document["checks"] = std::move(checks);
    print(dump(document));
  }
  return planned.plan.pending() ? exit_pending : checked;
}

}  // namespace mlenv
