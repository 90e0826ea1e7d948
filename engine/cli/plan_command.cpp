#include <spdlog/spdlog.h>

#include <future>

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

using Json = nlohmann::ordered_json;

/// Keeps the plan for a later `apply`, beside what this thread shows of it where that takes long. Ready where
/// nothing is kept: a plan for a recorded host is only where a file is named, a removal is asked for anew.
std::future<Result<Done>> keep(const Planned& planned, const Json& saved) {
  constexpr std::size_t long_plan = 500;  // changes; a thread costs more than a short one
  if (saved.is_null() || planned.host.recorded)
    return std::async(std::launch::deferred, [] { return Result<Done>(Done{}); });
  auto when = std::launch::deferred;
  if (planned.plan.changes.size() >= long_plan) when |= std::launch::async;
  return std::async(when, [&] { return StateFolder(planned.host.root).save_plan(saved); });
}

/// Moves what ends with the process to where nothing takes it apart: of a long plan that would take a tenth
/// as long as making it.
template <class T>
T& until_the_end(T value) {
  static T* kept = nullptr;  // so that it is seen to be held
  kept = new T(std::move(value));
  return *kept;
}

bool write_out(const Json& document, const Arguments& arguments) {
  if (arguments.out.empty()) return true;
  const auto written = write_own_file(arguments.out, dump(document));
  if (written) return true;
  return print_error(written.error(), arguments), false;
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
  auto& result = until_the_end(arguments.destroy ? plan_removal(arguments)
                                                 : plan_as_asked(arguments, false, Ahead::ask));
  if (const auto* code = std::get_if<int>(&result)) return *code;
  auto& planned = std::get<Planned>(result);
  // What removes is asked for by `destroy` itself; its plan can be kept, and shown.
  const auto& saved = until_the_end(
      arguments.destroy ? Json()
                        : saved_plan_document(saved_from(planned, std::move(planned.document), arguments)));
  const auto& document = arguments.destroy ? planned.document : saved.at("plan");
  auto kept = keep(planned, saved);
  if (arguments.json) {
    print(dump(document));
  } else {
    print(plan_text(document, style_of(arguments, Stream::out)));
  }
  if (!write_plan_page(document, arguments)) return exit_failed;
  if (planned.feasible && !write_root_script(planned, document, arguments)) return exit_failed;
  if (!write_out(arguments.destroy ? document : saved, arguments)) return exit_failed;
  if (const auto done = kept.get(); !done) spdlog::warn("the plan is not saved: {}", done.error().message);
  if (!planned.feasible) return exit_refused;
  if (!arguments.detailed_exitcode) return exit_ok;
  return planned.plan.pending() ? exit_pending : exit_ok;
}

}  // namespace mlenv
