#include "cli/last_run.hpp"

#include <algorithm>
#include <chrono>

#include "apply/journal.hpp"
#include "base/text.hpp"
#include "cli/screen.hpp"
#include "host/local_host.hpp"
#include "view/events_view.hpp"
#include "view/plan_lines.hpp"
#include "view/run_record.hpp"

namespace mlenv {
namespace {

std::string step_text(const StepRecord& step) {
  const auto what = step.command.empty() ? step.title : "`" + join(step.command, " ") + "`";
  constexpr std::size_t longest = 120;
  return "step " + step.id + ", " + (what.size() > longest ? step.title : what);
}

/// `3 minutes ago`, by the last moment that the journal has.
std::string age_text(const RunRecord& run) {
  const auto stopped = moment_of(run.started);
  if (!stopped) return "some time ago";
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() - *stopped - run.took;
  return age < 0 ? "some time ago" : duration_text(std::chrono::milliseconds(age)) + " ago";
}

bool has_end(const JournalText& journal) {
  return std::any_of(journal.lines.begin(), journal.lines.end(), [](const nlohmann::ordered_json& line) {
    const auto event = text_at(line, "event");
    return event == "run_finished" || event == "run_closed";
  });
}

}  // namespace

std::optional<CutShortRun> run_cut_short(const StateFolder& state) {
  const auto id = state.newest_run();
  if (id.empty()) return std::nullopt;
  const auto path = state.journal_path(id);
  const auto text = read_own_file(path);
  if (!text || AppendFile::in_use(path)) return std::nullopt;
  const auto journal = read_journal(*text);
  if (has_end(journal)) return std::nullopt;
  const auto run = read_run(*text);
  std::vector<std::string> steps;
  for (const auto& step : run.steps) {
    if (step.status == "cut short" && !step.id.empty()) steps.push_back(step_text(step));
  }
  const auto of = run.recipe.empty() ? std::string() : " of `" + run.recipe + "`";
  const auto where = steps.empty() ? std::string("between two steps") : "in " + join(steps, ", and in ");
  const int session = journal.lines.empty() ? 0 : journal.lines.front().value("session", 0);
  return CutShortRun{id, "the last run" + of + " stopped " + where + ", " + age_text(run), session};
}

std::optional<LastRun> last_run(const StateFolder& state) {
  LastRun run{state.newest_run(), {}, {}, false, {}};
  const auto text = read_own_file(state.journal_path(run.id));
  if (run.id.empty() || !text) return std::nullopt;
  for (const auto& line : read_journal(*text).lines) {
    if (run.boot_id.empty()) run.boot_id = text_at(line, "boot_id");
    if (text_at(line, "event") != "run_finished") continue;
    run.status = text_at(line, "status");
    run.reboot = text_at(line, "reboot") == "required";
  }
  if (auto request = read_saved_plan(state.request_of_run(run.id).dump())) run.request = std::move(*request);
  return run;
}

std::string boot_id(const HostReader& host) {
  const auto text = host.read_file("/proc/sys/kernel/random/boot_id");
  return text && *text ? std::string(trim(**text)) : std::string();
}

std::optional<Error> not_booted(const LastRun& run, const HostReader& host, const Facts& facts) {
  if (!run.reboot || driver_runs(facts)) return std::nullopt;
  const auto* driver = known(facts.driver);
  const auto why = driver == nullptr || driver->why.empty() ? std::string() : ": " + driver->why;
  const auto now = boot_id(host);
  if (!now.empty() && now != run.boot_id)
    return Error{"run.driver-not-loaded", "the machine was rebooted, and the new driver does not run" + why,
                 "`mlenvctl doctor` looks for the cause"};
  return Error{"run.awaits-reboot", "the driver that the last run has brought runs after a reboot" + why,
               "reboot, then `mlenvctl apply --resume`"};
}

PlanFinding finding_of(const Error& not_booted) {
  return {not_booted.code, Severity::warning, not_booted.message, not_booted.hint, {}};
}

PlanFinding finding_of(const CutShortRun& run) {
  return {"run.cut-short",
          Severity::warning,
          run.text,
          "`mlenvctl apply` goes on from what is there; `mlenvctl history " + run.id + "` has its log",
          {}};
}

}  // namespace mlenv
