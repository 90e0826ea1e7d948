#include <spdlog/spdlog.h>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/page.hpp"
#include "cli/plan_hosts.hpp"
#include "cli/planning.hpp"
#include "cli/root_part.hpp"
#include "cli/screen.hpp"
#include "view/plan_document.hpp"
#include "view/plan_text.hpp"

namespace mlenv {
namespace {

/// Saves for a later `apply`. A plan for a recorded host is kept only where a file is named.
bool save(SavedPlan saved, const Arguments& arguments) {
  const bool recorded = saved.recorded;
  const StateFolder state(saved.root);
  const auto document = saved_plan_document(std::move(saved));
  if (!arguments.out.empty()) {
    const auto written = write_own_file(arguments.out, dump(document));
    if (!written) return print_error(written.error(), arguments), false;
  }
  if (recorded) return true;
  const auto kept = state.save_plan(document);
  if (!kept) spdlog::warn("the plan is not saved: {}", kept.error().message);
  return true;
}

}  // namespace

int plan_command(const Arguments& given) {
  auto arguments = given;
  gather_records(arguments);
  if (is_about_records(arguments)) return plan_hosts(arguments);
  if (arguments.markdown) {
    print_error({"arguments.markdown", "`--markdown` is for plans of recorded hosts", "add `--host FILE`"},
                arguments);
    return exit_bad_input;
  }
  if (!arguments.root_script.empty() && !arguments.host_file.empty()) {
    print_error(
        {"arguments.host", "`--as-root-script` is for a host that is here, not for a recorded one", {}},
        arguments);
    return exit_bad_input;
  }
  auto result = arguments.destroy ? plan_removal(arguments) : plan_as_asked(arguments, false, Ahead::ask);
  if (const auto* code = std::get_if<int>(&result)) return *code;
  auto& planned = std::get<Planned>(result);
  if (arguments.json) {
    print(dump(planned.document));
  } else {
    print(plan_text(planned.document, style_of(arguments, Stream::out)));
  }
  if (!write_plan_page(planned.document, arguments)) return exit_failed;
  // What removes is asked for by `destroy` itself; its plan can be kept, and shown.
  if (arguments.destroy && !arguments.out.empty()) {
    const auto written = write_own_file(arguments.out, dump(planned.document));
    if (!written) return print_error(written.error(), arguments), exit_failed;
  }
  if (planned.feasible && !write_root_script(planned, arguments)) return exit_failed;
  if (!arguments.destroy && !save(saved_from(planned, std::move(planned.document), arguments), arguments))
    return exit_failed;
  if (!planned.feasible) return exit_refused;
  if (!arguments.detailed_exitcode) return exit_ok;
  return planned.plan.pending() ? exit_pending : exit_ok;
}

}  // namespace mlenv
