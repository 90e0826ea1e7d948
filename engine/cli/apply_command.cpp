#include <algorithm>

#include "base/text.hpp"
#include "cli/aftermath.hpp"
#include "cli/carry_out.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/last_run.hpp"
#include "cli/planning.hpp"
#include "cli/root_steps.hpp"
#include "cli/screen.hpp"
#include "cli/trust.hpp"
#include "host/sudo.hpp"

namespace mlenv {
namespace {

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

/// Whether a plan was saved after a run. Clocks may have been set in between.
bool is_newer(const SavedPlan& saved, const LastRun& run) {
  return saved.after_run ? *saved.after_run >= run.id : saved.made >= run.request->made;
}

Result<SavedPlan> find_saved(const Arguments& arguments, const StateFolder& state,
                             const std::optional<LastRun>& last) {
  if (!arguments.plan_file.empty()) {
    const auto text = read_trusted_file(arguments.plan_file, arguments);
    return text ? read_saved_plan(*text) : Result<SavedPlan>(text.error());
  }
  const auto stored = state.saved_plan();
  auto saved = stored ? read_saved_plan(stored->dump()) : Result<SavedPlan>(stored.error());
  const bool ran = last && last->request && !last->request->recipes.empty();
  return ran && (!saved || !is_newer(*saved, *last)) ? *last->request : saved;
}

std::optional<SudoTicket> ticket_of(Result<SudoTicket> opened) {
  return opened ? std::optional(std::move(*opened)) : std::nullopt;
}

/// Something could not be told, the caller is not root, and sudo is at hand: its ticket.
std::optional<SudoTicket> ticket_to_see_more(const std::variant<Planned, int>& result,
                                             const Arguments& arguments) {
  const auto* planned = std::get_if<Planned>(&result);
  if (planned == nullptr || is_root() || planned->plan.count(Action::unknown) == 0) return std::nullopt;
  std::string why = "Only root can read what these are now:\n";
  for (const auto& change : planned->plan.changes) {
    if (change.decision.action == Action::unknown) why += "  " + change.address.str() + "\n";
  }
  if (planned->plan.steps.empty()) return ticket_of(open_sudo(!arguments.json, why));
  return ticket_of(open_sudo(!arguments.json, why + root_steps_text(planned->plan)));
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
  if (arguments.reboot == "now" && own_path(arguments.root) != "/") {
    print_error({"arguments.reboot", "`--reboot=now` is for the running machine, not for a tree", {}},
                arguments);
    return exit_bad_input;
  }
  std::optional<SavedPlan> saved;
  const StateFolder state(own_path(arguments.root));
  const auto last = arguments.resume && arguments.plan_file.empty() ? last_run(state) : std::nullopt;
  // What was not reached may be a check, which no probe tells.
  const bool all_checks = last && last->status != "ok";
  if (arguments.recipes.empty()) {
    auto found = find_saved(arguments, state, last);
    if (!found)
      return print_error(found.error(), arguments),
             arguments.plan_file.empty() || found.error().code == "recipe.untrusted" ? exit_refused
                                                                                     : exit_bad_input;
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
  if (!outlast_survivors(StateFolder(own_path(arguments.root)), arguments)) return exit_refused;
  auto result = plan_as_asked(arguments, all_checks, Ahead::ask);
  const auto ticket = ticket_to_see_more(result, arguments);
  if (ticket) {
    arguments.with_sudo = true;
    result = plan_as_asked(arguments, all_checks, Ahead::ask);
  }
  if (const auto* code = std::get_if<int>(&result)) return *code;
  const auto& planned = std::get<Planned>(result);
  const auto waits = last ? not_booted(*last, *planned.host.reader, planned.host.facts) : std::nullopt;
  if (waits) return print_error(*waits, arguments), exit_waiting;
  if (saved && !arguments.resume) {
    if (const auto error = unfit(*saved, planned, StateFolder(planned.host.root)))
      return refuse(*error, arguments);
  }
  return carry_out(planned, saved && !arguments.resume ? saved->nonce : "", arguments,
                   [&] { return plan_as_asked(arguments, all_checks, Ahead::ask); });
}

}  // namespace mlenv
