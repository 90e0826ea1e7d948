#include "cli/carry_out.hpp"

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "cli/aftermath.hpp"
#include "cli/exit_code.hpp"
#include "cli/page.hpp"
#include "cli/root_steps.hpp"
#include "cli/run.hpp"
#include "cli/run_locks.hpp"
#include "cli/saved_plan.hpp"
#include "cli/screen.hpp"
#include "host/sudo.hpp"
#include "view/events_view.hpp"
#include "view/plan_text.hpp"

namespace mlenv {
namespace {

bool needs_root(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const PlannedStep& step) { return step_privilege(step.step) == Privilege::root; });
}

/// Yes, no, or (without a terminal) neither.
std::optional<bool> confirmed(const Arguments& arguments) {
  if (arguments.yes) return true;
  const auto answer = ask_on_terminal("Apply this plan? Only `yes` is accepted: ");
  if (!answer) return std::nullopt;
  return trim(*answer) == "yes" || trim(*answer) == "y";
}

/// Programs are told of a run without steps; nothing is started and nothing recorded.
void report_nothing_to_do(const Planned& planned, const Arguments& arguments) {
  if (!arguments.json) return;
  const auto now = std::chrono::system_clock::now();
  const auto listener = json_listener([](std::string_view line) { std::cout << line << std::endl; });
  const auto id = fresh_id(now);
  listener->on(RunStarted{id, planned.plan.recipe.name, 0, now});
  listener->on(RunFinished{id, "ok", 0, 0, 0, {}, now});
}

/// What others are told of this run.
std::string command_text(const Arguments& arguments) {
  return std::string(trim("mlenvctl " + arguments.command + " " + join(arguments.recipes, " ")));
}

/// What is gone already, and what a run that was cut short has left, needs no run. While another is at work
/// the books are that one's.
void finish_books(const Planned& planned, const Arguments& arguments) {
  if (planned.leaving.empty() && !run_cut_short(StateFolder(planned.host.root))) return;
  const auto locks = RunLocks::take(planned.host, {is_root(), true}, command_text(arguments));
  if (!locks) return;
  close_run_cut_short(planned.host);
  if (planned.ledger)
    forget_removed(*planned.ledger->ledger, planned.loaded.graph, planned.leaving, planned.host);
}

/// The plan as it is now, where it says the same. What a killed run was still writing down is no reason to
/// refuse.
std::optional<Planned> planned_alike(const Planned& before, const PlanAgain& again) {
  auto result = again();
  auto* now = std::get_if<Planned>(&result);
  if (now == nullptr || !now->feasible || !plan_drift(before.document, now->document).empty())
    return std::nullopt;
  return std::move(*now);
}

}  // namespace

Error refused(std::string message, std::string hint) {
  return {"plan.refused", std::move(message), std::move(hint)};
}

int refuse(const Error& error, const Arguments& arguments) {
  print_error(error, arguments);
  return exit_refused;
}

int carry_out(const Planned& planned, const std::string& nonce, const Arguments& arguments,
              const PlanAgain& again) {
  // What a run in its middle leaves is nothing to judge by.
  if (const auto busy = run_at_work(planned.host, {!planned.plan.pending(), true}))
    return refuse(*busy, arguments);
  if (!arguments.json) print(plan_text(planned.document, style_of(arguments, Stream::out)));
  // Before the question, so that the page can be read before it is answered, and a file that cannot be
  // written stops nothing half-way.
  if (!write_plan_page(planned.document, arguments)) return exit_refused;
  const bool only_checks = !planned.plan.pending() && !planned.plan.steps.empty();
  if (!planned.plan.pending() && !only_checks) {
    finish_books(planned, arguments);
    return report_nothing_to_do(planned, arguments), exit_ok;
  }
  if (!planned.feasible)
    return refuse(refused("this plan cannot be carried out as it is; nothing was changed", {}), arguments);
  const bool nothing_to_run = planned.plan.steps.empty();
  if (nothing_to_run) return planned.plan.count(Action::manual) > 0 ? exit_waiting : exit_failed;
  const auto go = only_checks ? true : confirmed(arguments);
  if (!go)
    return refuse(refused("there is no terminal to ask on", "`--yes` applies without asking"), arguments);
  if (!*go) return refuse(refused("not confirmed; nothing was changed", {}), arguments);
  const StateFolder state(planned.host.root);
  const bool sudo = !is_root() && needs_root(planned.plan);
  std::optional<SudoTicket> ticket;  // until the run is over
  if (sudo) {
    auto open = open_sudo(!arguments.json, root_steps_text(planned.plan));
    if (!open) return refuse(open.error(), arguments);
    ticket = std::move(*open);
  }
  auto locks = RunLocks::take(planned.host, parts_of(planned.plan), command_text(arguments));
  std::optional<Planned> alike;
  const bool spent = !nonce.empty() && state.is_used(nonce);  // by the run in between
  if (!locks && locks.error().code == "run.overtaken" && !spent) alike = planned_alike(planned, again);
  if (alike) locks = RunLocks::take(alike->host, parts_of(alike->plan), command_text(arguments));
  if (!locks) return refuse(locks.error(), arguments);
  if (!nonce.empty()) {
    const auto used = state.mark_used(nonce);
    if (!used) return refuse(used.error(), arguments);
  }
  return run_plan(alike ? *alike : planned, state, sudo, arguments);
}

}  // namespace mlenv
