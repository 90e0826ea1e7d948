#include "view/run_summary.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "view/events_view.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr const char* margin = "      ";

std::string failure_text(const StepFinished& step, std::size_t steps, const Style& style) {
  std::string text = "  " + red(step_number(step.step, steps) + visible(step.title), style) + "\n";
  if (!step.reason.empty()) text += margin + visible(step.reason) + "\n";
  if (!step.command.empty()) {
    text += margin + dim("command: ", style) + visible(shell_words(step.command)) + "\n";
    text += margin + dim("exit code: ", style) + std::to_string(step.exit_code) + "\n";
  }
  if (!step.tail.empty()) text += margin + dim("its last output:", style) + "\n";
  for (const auto& line : step.tail) text += std::string(margin) + "  | " + visible(line) + "\n";
  if (!step.hint.empty()) text += margin + bold("hint: ", style) + visible(step.hint) + "\n";
  return text;
}

std::string other_text(const StepFinished& step, const Style& style) {
  const auto names = step.changes.empty() ? step.title : join(step.changes, ", ");
  std::string text = "  " + visible(names) + (step.reason.empty() ? "" : ": " + visible(step.reason)) + "\n";
  if (!step.hint.empty()) text += margin + bold("hint: ", style) + visible(step.hint) + "\n";
  return text;
}

std::string section(const RunSummary& summary, StepStatus status, const std::string& title,
                    const Style& style) {
  std::string text;
  for (const auto& step : summary.problems) {
    if (step.status != status) continue;
    text += status == StepStatus::failed ? failure_text(step, summary.steps, style) : other_text(step, style);
  }
  return text.empty() ? text : "\n" + bold(title, style) + "\n" + text;
}

std::size_t count(const RunSummary& summary, StepStatus status) {
  return static_cast<std::size_t>(
      std::count_if(summary.problems.begin(), summary.problems.end(),
                    [&](const StepFinished& step) { return step.status == status; }));
}

std::string counts_text(const RunSummary& summary) {
  std::vector<std::string> parts = {std::to_string(summary.end.done) + " done"};
  const auto add = [&](std::size_t number, const char* what) {
    if (number > 0) parts.push_back(std::to_string(number) + " " + what);
  };
  add(summary.end.failed, "failed");
  add(summary.end.skipped, "not reached");
  add(count(summary, StepStatus::waiting), summary.end.reboot ? "waiting" : "waiting for a person");
  add(summary.not_begun, "not begun");
  return join(parts, ", ");
}

std::string last_line(const RunSummary& summary, const Style& style) {
  const auto took = duration_text(summary.end.took);
  const auto& status = summary.end.status;
  if (status == "ok") {
    const auto done = summary.end.done;
    return green("Done:", style) + " " + std::to_string(done) + (done == 1 ? " step in " : " steps in ") +
           took + ".\n";
  }
  const auto tail = " " + counts_text(summary) + ", in " + took + ".\n";
  if (status == "interrupted") return yellow("Interrupted:", style) + tail;
  return (status == "waiting" ? yellow("Waiting:", style) : red("Failed:", style)) + tail;
}

std::string reboot_line(const RunSummary& summary, const Style& style) {
  if (!summary.end.reboot) return {};
  return yellow("The new driver runs after a reboot:", style) + " reboot, then `mlenvctl apply --resume`.\n";
}

}  // namespace

std::string step_number(int step, std::size_t steps) {
  if (step <= 0) return {};
  const auto total = std::to_string(steps), number = std::to_string(step);
  return "[" + std::string(total.size() - std::min(total.size(), number.size()), ' ') + number + "/" + total +
         "] ";
}

std::string summary_text(const RunSummary& summary, const Style& style) {
  return section(summary, StepStatus::failed, "Failed", style) +
         section(summary, StepStatus::skipped, "Not reached", style) +
         section(summary, StepStatus::waiting,
                 summary.end.reboot ? "Waiting for the reboot" : "Waiting for a person", style) +
         "\n" + last_line(summary, style) + reboot_line(summary, style);
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto milliseconds = std::max<long long>(0, duration.count());
  const auto seconds = milliseconds / 1000;
  if (seconds < 1) return "0." + std::to_string(milliseconds / 100) + " s";
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

}  // namespace mlenv
