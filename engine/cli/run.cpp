#include "cli/run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

#include "apply/apply.hpp"
#include "cli/aftermath.hpp"
#include "cli/exit_code.hpp"
#include "cli/last_run.hpp"
#include "cli/look_ahead.hpp"
#include "cli/open_ledger.hpp"
#include "cli/page.hpp"
#include "cli/recorder.hpp"
#include "cli/screen.hpp"
#include "cli/unhurried.hpp"
#include "host/local_host.hpp"
#include "host/stop.hpp"
#include "host/sudo.hpp"
#include "ledger/claims.hpp"
#include "view/events_view.hpp"

namespace mlenv {
namespace {

/// Prolongs sudo's permission for as long as it lives.
class SudoKeeper {
 public:
  explicit SudoKeeper(bool wanted) {
    if (wanted) thread_ = std::thread([this] { keep(); });
  }
  ~SudoKeeper() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    news_.notify_one();
    thread_.join();
  }
  SudoKeeper(const SudoKeeper&) = delete;
  SudoKeeper& operator=(const SudoKeeper&) = delete;

 private:
  void keep() {
    constexpr std::chrono::seconds interval{60};
    std::unique_lock lock(mutex_);
    while (!news_.wait_for(lock, interval, [this] { return over_; })) keep_sudo_open();
  }

  std::mutex mutex_;
  std::condition_variable news_;
  bool over_ = false;
  std::thread thread_;
};

ApplyRequest request_for(const Plan& plan, const Planned& planned, const HostReader& reader,
                         HostWriter& writer, const Arguments& arguments) {
  const auto& host = planned.host;
  ApplyRequest request{
      plan, planned.loaded.graph, writer, reader, {}, host.environment, {}, arguments.parallel, [] {
        return std::chrono::system_clock::now();
      }};
  request.facts = [&host] {
    auto facts = facts_now(*host.reader, host.facts.user.name, *host.knowledge);
    return facts ? *facts : host.facts;
  };
  return request;
}

int exit_code_of(const Report& report) {
  if (report.status == "interrupted") return exit_interrupted;
  if (report.status == "failed") return exit_failed;
  return report.status == "waiting" ? exit_waiting : exit_ok;
}

/// The downloads alone; what they are for is not to be there afterwards.
Plan downloads_of(Plan plan) {
  std::vector<PlannedStep> downloads;
  for (auto& step : plan.steps) {
    if (!is_download(step.step)) continue;
    step.id = static_cast<int>(downloads.size()) + 1;
    step.needs.clear();
    downloads.push_back(std::move(step));
  }
  plan.steps = std::move(downloads);
  for (auto& change : plan.changes) change.decision.action = Action::none;
  return plan;
}

/// The steps of the checks alone; nothing keeps them waiting for each other.
Plan checks_of(Plan plan) {
  std::vector<PlannedStep> checks;
  for (auto& step : plan.steps) {
    if (!std::holds_alternative<RunCheck>(step.step)) continue;
    step.id = static_cast<int>(checks.size()) + 1;
    step.needs.clear();
    checks.push_back(std::move(step));
  }
  plan.steps = std::move(checks);
  for (auto& change : plan.changes) {
    change.needs.clear();
    change.decision.action = Action::none;
  }
  return plan;
}

/// apt is about to change the pip that planning may have borrowed: then nothing is installed by it beside
/// that.
bool moves_pip(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const PlannedStep& step) {
    const auto* transaction = std::get_if<AptTransaction>(&step.step);
    return transaction != nullptr &&
           std::any_of(transaction->expected.begin(), transaction->expected.end(),
                       [](const AptEffect& effect) { return effect.name == "python3-pip"; });
  });
}

std::string claim_name(const std::string& run_id, int step) { return run_id + "-" + std::to_string(step); }

/// Writes down what a step is about to bring. What is being removed brings nothing.
std::optional<Error> claim(const StepInTurn& step, Ledger& ledger, const Plan& plan, const Planned& planned,
                           const std::string& run_id) {
  std::vector<std::size_t> bringing;
  for (const auto change : step.changes) {
    if (planned.leaving.count(plan.changes[change].address.str()) == 0) bringing.push_back(change);
  }
  auto claims = claims_of(step.step, bringing, plan, *planned.host.reader, planned.host.facts);
  const auto claimed = ledger.claim(claim_name(run_id, step.id), std::move(claims));
  return claimed ? std::nullopt : std::optional(claimed.error());
}

/// What `apply --resume` would have to go on with. A removal is asked for again by `destroy` itself.
SavedPlan asked_for(const Planned& planned, const Arguments& arguments) {
  auto asked = saved_from(planned, planned.document, arguments);
  if (arguments.command == "destroy") asked.recipes.clear();
  return asked;
}

std::unique_ptr<Listener> screen_of(const Arguments& arguments) {
  return arguments.json ? json_listener([](std::string_view line) { std::cout << line << std::endl; })
                        : text_listener(std::cout, style_of(arguments, Stream::out));
}

/// Applies, records it, shows it, and minds the signals.
Report apply_shown(const ApplyRequest& request, Recorder& recorder, const Arguments& arguments) {
  Unhurried screen(screen_of(arguments));
  Everybody listener({&recorder, &screen});
  const StopSignals signals([&](Stop stop) { listener.on(RunStopping{stop == Stop::now, request.clock()}); });
  return apply(request, listener);
}

/// Only when told so, and when all that could be done before it has been done.
int reboot_now(HostWriter& writer, const Arguments& arguments) {
  std::cout << "Rebooting, as `--reboot=now` says." << std::endl;
  const auto outcome =
      writer.run({{"systemctl", "reboot"}, {}, Privilege::root, std::chrono::seconds(60), true}, {});
  if (outcome && outcome->exit_code == 0) return exit_waiting;
  print_error(
      outcome ? Error{"run.reboot", "`systemctl reboot` has failed", "reboot by hand"} : outcome.error(),
      arguments);
  return exit_waiting;
}

}  // namespace

int run_plan(const Planned& planned, const StateFolder& state, bool sudo, const Arguments& arguments) {
  const auto run_id = fresh_id(std::chrono::system_clock::now(), state.newest_run());
  const auto writer = writer_for(planned.host, run_id);
  const auto behind_sudo = reader_behind_sudo(*planned.host.reader, planned.host.root);
  const auto plan = arguments.fetch_only ? downloads_of(planned.plan) : planned.plan;
  auto fetching = fetching_for(planned.host, arguments);
  fetching.planned_at = planned.looked_ahead;
  if (moves_pip(plan)) fetching.python.users.planning.path.clear();
  auto request = request_for(plan, planned, sudo ? *behind_sudo : *planned.host.reader, *writer, arguments);
  request.run_id = run_id;
  request.interrupted = stop_requested;
  request.patience = std::chrono::seconds(arguments.wait);
  request.fetching = &fetching;
  const auto ledger = open_ledger(planned.host, sudo);
  if (const auto last = run_cut_short(state))
    tidy_after(*last, state, *ledger->ledger, request.reader, *writer);
  auto journal = state.journal(request.run_id);
  if (!journal) return print_error(journal.error(), arguments), exit_refused;
  if (const auto kept = state.keep_plan(request.run_id, saved_plan_document(asked_for(planned, arguments)));
      !kept)
    spdlog::warn("the plan is not kept with its run: {}", kept.error().message);
  Recorder recorder(std::move(*journal));
  recorder.begin(request.run_id, boot_id(*planned.host.reader));
  request.before_step = [&](const StepInTurn& step) {
    auto trouble = recorder.trouble();
    return trouble ? trouble : claim(step, *ledger->ledger, plan, planned, request.run_id);
  };
  request.after_step = [&](const StepInTurn& step, bool ok) {
    // The bytes of a fetched key are known only now.
    if (!ok || std::holds_alternative<AddRepository>(step.step))
      ledger->ledger->settle(claim_name(request.run_id, step.id));
  };
  const SudoKeeper keeper(sudo);
  const auto report = apply_shown(request, recorder, arguments);
  if (report.status == "ok" && !arguments.fetch_only) tidy_cache(planned.host, *writer, arguments);
  forget_removed(*ledger->ledger, planned.loaded.graph, planned.leaving, planned.host);
  const int code = exit_code_of(report);
  if (report.reboot && code == exit_waiting && arguments.reboot == "now")
    return reboot_now(*writer, arguments);
  const bool written = write_run_page(state, request.run_id, arguments);
  return written || code != exit_ok ? code : exit_failed;
}

int run_checks(const Planned& planned, const Arguments& arguments, nlohmann::ordered_json& results) {
  const auto plan = checks_of(planned.plan);
  if (plan.steps.empty()) return exit_ok;
  const auto writer = writer_for(planned.host);
  const auto recorder = json_listener([&](std::string_view line) {
    auto event = nlohmann::ordered_json::parse(line, nullptr, false);
    if (event.is_object() && event.value("event", "") == "step_finished") results.push_back(std::move(event));
  });
  const auto screen = arguments.json ? json_listener([](std::string_view) {})
                                     : text_listener(std::cout, style_of(arguments, Stream::out));
  Everybody listener({recorder.get(), screen.get()});
  auto request = request_for(plan, planned, *planned.host.reader, *writer, arguments);
  request.run_id = fresh_id(request.clock());
  return apply(request, listener).failed == 0 ? exit_ok : exit_pending;
}

}  // namespace mlenv
