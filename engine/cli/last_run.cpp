#include "cli/last_run.hpp"

#include <algorithm>
#include <chrono>

#include "apply/journal.hpp"
#include "base/text.hpp"
#include "cli/screen.hpp"
#include "host/local_host.hpp"
#include "view/events_view.hpp"
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
    const auto event = line.value("event", "");
    return event == "run_finished" || event == "run_closed";
  });
}

}  // namespace

std::optional<CutShortRun> run_cut_short(const StateFolder& state) {
  const auto id = state.newest_run();
  if (id.empty()) return std::nullopt;
  const auto path = state.journal_path(id);
  const auto text = read_own_file(path);
  if (!text || has_end(read_journal(*text)) || AppendFile::in_use(path)) return std::nullopt;
  const auto run = read_run(*text);
  std::vector<std::string> steps;
  for (const auto& step : run.steps) {
    if (step.status == "cut short" && !step.id.empty()) steps.push_back(step_text(step));
  }
  const auto of = run.recipe.empty() ? std::string() : " of `" + run.recipe + "`";
  const auto where = steps.empty() ? std::string("between two steps") : "in " + join(steps, ", and in ");
  return CutShortRun{id, "the last run" + of + " stopped " + where + ", " + age_text(run)};
}

std::string boot_id() {
  const auto text = local_reader("/")->read_file("/proc/sys/kernel/random/boot_id");
  return text && *text ? std::string(trim(**text)) : std::string();
}

PlanFinding finding_of(const CutShortRun& run) {
  return {"run.cut-short",
          Severity::warning,
          run.text,
          "`mlenvctl apply` goes on from what is there; `mlenvctl history " + run.id + "` has its log",
          {}};
}

void close_run_cut_short(const StateFolder& state) {
  const auto run = run_cut_short(state);
  if (!run) return;
  auto journal = Journal::open(state.journal_path(run->id));
  if (!journal) return;
  const auto now = std::chrono::system_clock::now();
  static_cast<void>(journal->add({{"event", "run_closed"}, {"at", time_text(now)}}, true));
}

}  // namespace mlenv
