#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>

#include "apply/apply.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/page.hpp"
#include "cli/planning.hpp"
#include "cli/run.hpp"
#include "cli/screen.hpp"
#include "host/sudo.hpp"
#include "view/events_view.hpp"
#include "view/plan_text.hpp"

namespace mlenv {
namespace {

Error refused(std::string message, std::string hint) {
  return {"plan.refused", std::move(message), std::move(hint)};
}

/// Why a saved plan cannot be applied here and now.
std::optional<Error> unfit(const SavedPlan& saved, const Planned& planned, const StateFolder& state) {
  if (saved.recorded) return refused("this plan was made for a recorded host", "plan on the host itself");
  if (state.is_used(saved.nonce))
    return refused("this plan of " + saved.made + " has been applied already", "plan again");
  if (saved.host_id != planned.host.facts.host_id ||
      saved.plan.value("host", nlohmann::ordered_json()) !=
          planned.document.value("host", nlohmann::ordered_json())) {
    return refused("this plan was made for another host", "plan on the host itself");
  }
  const auto drift = plan_drift(saved.plan, planned.document);
  if (drift.empty()) return std::nullopt;
  constexpr std::size_t shown = 10;
  std::string text = "this plan of " + saved.made + " is stale; since then these have moved:";
  for (std::size_t i = 0; i < std::min(shown, drift.size()); ++i) text += "\n  " + drift[i];
  if (drift.size() > shown) text += "\n  and " + std::to_string(drift.size() - shown) + " more";
  return refused(text, "plan again");
}

Result<SavedPlan> find_saved(const Arguments& arguments, const StateFolder& state) {
  if (!arguments.plan_file.empty()) {
    const auto text = read_own_file(arguments.plan_file);
    return text ? read_saved_plan(*text) : Result<SavedPlan>(text.error());
  }
  const auto stored = state.saved_plan();
  return stored ? read_saved_plan(stored->dump()) : Result<SavedPlan>(stored.error());
}

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

int refuse(const Error& error, const Arguments& arguments) {
  print_error(error, arguments);
  return exit_refused;
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

/// Something could not be told, the caller is not root, and sudo is at hand.
bool may_see_more_as_root(const std::variant<Planned, int>& result, const Arguments& arguments) {
  const auto* planned = std::get_if<Planned>(&result);
  if (planned == nullptr || is_root() || planned->plan.count(Action::unknown) == 0) return false;
  return open_sudo(!arguments.json).ok();
}

/// Everything between the plan and its end.
int carry_out(const Planned& planned, const std::string& nonce, const Arguments& arguments) {
  if (!arguments.json) print(plan_text(planned.document, style_of(arguments, Stream::out)));
  // Before the question, so that the page can be read before it is answered, and a file that cannot be
  // written stops nothing half-way.
  if (!write_plan_page(planned.document, arguments)) return exit_refused;
  if (!planned.plan.pending()) return report_nothing_to_do(planned, arguments), exit_ok;
  if (!planned.feasible)
    return refuse(refused("this plan cannot be carried out as it is; nothing was changed", {}), arguments);
  const bool nothing_to_run = planned.plan.steps.empty();
  if (nothing_to_run) return planned.plan.count(Action::manual) > 0 ? exit_waiting : exit_failed;
  const auto go = confirmed(arguments);
  if (!go)
    return refuse(refused("there is no terminal to ask on", "`--yes` applies without asking"), arguments);
  if (!*go) return refuse(refused("not confirmed; nothing was changed", {}), arguments);
  const StateFolder state(planned.host.root);
  const auto lock = state.lock("mlenvctl apply " + join(arguments.recipes, " "));
  if (!lock) return refuse(lock.error(), arguments);
  const bool sudo = !is_root() && needs_root(planned.plan);
  if (sudo) {
    const auto open = open_sudo(!arguments.json);
    if (!open) return refuse(open.error(), arguments);
  }
  if (!nonce.empty()) {
    const auto used = state.mark_used(nonce);
    if (!used) return refuse(used.error(), arguments);
  }
  return run_plan(planned, state, sudo, arguments);
}

}  // namespace

int apply_command(const Arguments& given) {
  auto arguments = given;
  if (!arguments.host_file.empty()) {
    print_error({"arguments.host", "`--host` is for planning; a recorded host cannot be changed", {}},
                arguments);
    return exit_bad_input;
  }
  if (!arguments.recipes.empty() && !arguments.plan_file.empty()) {
    print_error({"arguments.plan", "`--plan` brings its own recipe; give one or the other", {}}, arguments);
    return exit_bad_input;
  }
  std::optional<SavedPlan> saved;
  const StateFolder state(own_path(arguments.root));
  if (arguments.recipes.empty()) {
    auto found = find_saved(arguments, state);
    if (!found)
      return print_error(found.error(), arguments),
             arguments.plan_file.empty() ? exit_refused : exit_bad_input;
    if (found->recipes.empty()) {
      return refuse(refused("this plan can be shown but not applied: it does not say how it was made",
                            "`mlenvctl plan --out FILE` saves one that can"),
                    arguments);
    }
    saved = std::move(*found);
    if (saved->recorded)
      return refuse(refused("this plan was made for a recorded host", "plan on the host itself"), arguments);
    arguments = arguments_of(*saved, arguments);
    if (!arguments.resume) arguments.promised = promised_by(saved->plan);
  }
  auto result = plan_as_asked(arguments, false, Ahead::ask);
  if (may_see_more_as_root(result, arguments)) {
    arguments.with_sudo = true;
    result = plan_as_asked(arguments, false, Ahead::ask);
  }
  if (const auto* code = std::get_if<int>(&result)) return *code;
  const auto& planned = std::get<Planned>(result);
  if (saved && !arguments.resume) {
    if (const auto error = unfit(*saved, planned, StateFolder(planned.host.root)))
      return refuse(*error, arguments);
  }
  return carry_out(planned, saved && !arguments.resume ? saved->nonce : "", arguments);
}

}  // namespace mlenv
