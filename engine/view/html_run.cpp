#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.hpp"
#include "view/events_view.hpp"
#include "view/html_parts.hpp"
#include "view/html_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t most_lines = 1000;  // of a step's output; the rest is in the journal
constexpr std::size_t first_lines = 100;

/// How a step's end looks on a page.
struct StatusLook {
  const char* status;
  const char* look;
  const char* mark;
  const char* words;
};

constexpr std::array<StatusLook, 5> status_looks = {{{"failed", "failed", "\u2717", "failed"},
                                                     {"cut short", "failed", "\u2026", "cut short"},
                                                     {"waiting", "waiting", "!", "waits for a person"},
                                                     {"skipped", "skipped", "\u2013", "not reached"},
                                                     {"ok", "ok", "\u2713", "ok"}}};

const StatusLook& look_of_status(const std::string& status) {
  const auto* found = std::find_if(status_looks.begin(), status_looks.end(),
                                   [&](const StatusLook& look) { return look.status == status; });
  return found == status_looks.end() ? status_looks[1] : *found;
}

std::string mark_of(const StepRecord& step) {
  const auto& look = look_of_status(step.status);
  return "<span class=\"mark s-" + std::string(look.look) + "\" title=\"" + look.words + "\">" + look.mark +
         "</span>";
}

std::string took_html(const StepRecord& step) {
  const auto& look = look_of_status(step.status);
  const bool ran = step.began.has_value();
  const bool ok = step.status == "ok";
  const auto time = ran ? duration_text(std::chrono::milliseconds(step.took)) : "";
  return element("span", "took", ok ? time : look.words + (ran ? ", " + time : std::string()));
}

std::string title_html(const StepRecord& step) {
  return (step.id.empty() ? "" : element("span", "number", html(step.id))) + prose(step.title);
}

std::string percent(std::int64_t part, std::int64_t whole) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f%%",
                std::clamp(100 * static_cast<double>(part) / static_cast<double>(whole), 0.0, 100.0));
  return text;
}

/// The distance of the marks on a time axis: at most six of them, at times that people count in.
std::int64_t tick_of(std::int64_t whole) {
  constexpr std::array<std::int64_t, 17> usual = {100,    200,     500,     1000,    2000,   5000,
                                                  10000,  20000,   30000,   60000,   120000, 300000,
                                                  600000, 1200000, 1800000, 3600000, 7200000};
  for (const auto tick : usual) {
    if (whole / tick <= 6) return tick;
  }
  return whole / 6;
}

std::string time_text(std::int64_t at, std::int64_t tick) {
  constexpr std::int64_t second = 1000;
  if (tick >= second) return duration_text(std::chrono::milliseconds(at));
  return std::to_string(at / second) + "." + std::to_string(at % second / 100) + " s";
}

/// The lines of the time axis, behind every bar; with their times for the first.
std::string grid_html(std::int64_t whole, bool times) {
  std::string marks;
  const auto tick = tick_of(whole);
  for (std::int64_t at = 0; at <= whole; at += tick) {
    const auto x = percent(at, whole);
    marks.append("<line class=\"tick\" x1=\"").append(x).append("\" x2=\"").append(x);
    marks += "\" y1=\"0\" y2=\"100%\"/>";
    const bool fits = at * 100 <= whole * 92;
    if (times && fits)
      marks.append("<text class=\"time\" x=\"")
          .append(x)
          .append("\" dx=\"3\" y=\"12\">")
          .append(time_text(at, tick))
          .append("</text>");
  }
  return marks;
}

std::string bar_html(const StepRecord& step, std::int64_t whole) {
  constexpr std::int64_t thinnest = 250;  // parts of the whole: a step that took no time is seen too
  const auto& look = look_of_status(step.status);
  std::string inside = grid_html(whole, false);
  if (step.began) {
    const auto width = std::max(step.took, whole / thinnest + 1);
    const auto begin = std::min(*step.began, whole - std::min(whole, width));
    inside += "<rect class=\"bar s-" + std::string(look.look) + "\" x=\"" + percent(begin, whole) +
              "\" y=\"5\" width=\"" + percent(width, whole) + "\" height=\"10\" rx=\"2\"/>";
  }
  return "<svg class=\"lane\" aria-hidden=\"true\">" + inside + "</svg>";
}

std::string output_html(const std::vector<std::string>& output) {
  std::string lines;
  const auto left_out = output.size() > most_lines ? output.size() - most_lines : 0;
  for (std::size_t i = 0; i < output.size(); ++i) {
    if (left_out > 0 && i == first_lines) {
      i += left_out;
      lines += element("span", "dim",
                       "\u2026 " + std::to_string(left_out) +
                           " lines left out; `mlenvctl history RUN` prints all") +
               "\n";
    }
    lines += html_line(output[i]) + "\n";
  }
  return lines.empty() ? lines : "<pre class=\"output\" tabindex=\"0\">" + lines + "</pre>\n";
}

std::string log_html(const StepRecord& step) {
  std::string body;
  if (!step.reason.empty())
    body +=
        element("p", "why",
                prose(step.reason) +
                    (step.code.empty() ? "" : " " + element("code", "dim", "[" + html(step.code) + "]"))) +
        "\n";
  if (!step.hint.empty()) body += element("p", "", "<b>hint:</b> " + prose(step.hint)) + "\n";
  if (!step.command.empty())
    body += "<pre class=\"command\" tabindex=\"0\">" + element("span", "prompt", "$ ") +
            html_block(shell_words(step.command)) + "</pre>\n";
  if (step.status == "failed" && !step.exit_code.empty())
    body += element("p", "", "exit code " + html(step.exit_code)) + "\n";
  body += output_html(step.output);
  if (!step.changes.empty()) body += element("p", "dim", "for " + html(join(step.changes, ", "))) + "\n";
  const auto& look = look_of_status(step.status);
  const bool open = look.look == std::string("failed") || look.look == std::string("waiting");
  return folded("log s-" + std::string(look.look),
                mark_of(step) + element("span", "title", title_html(step)) + took_html(step),
                element("div", "body", body), open);
}

}  // namespace

std::string time_line_html(const RunRecord& run) {
  if (run.steps.empty()) return {};
  std::int64_t whole = std::max<std::int64_t>(run.took, 100);
  for (const auto& step : run.steps) whole = std::max(whole, step.began.value_or(0) + step.took);
  std::string rows = "<li class=\"axis\" aria-hidden=\"true\"><span></span><svg class=\"lane\">" +
                     grid_html(whole, true) + "</svg><span></span></li>\n";
  for (const auto& step : run.steps) {
    rows += element("li", "s-" + std::string(look_of_status(step.status).look),
                    element("span", "title", mark_of(step) + title_html(step)) + bar_html(step, whole) +
                        took_html(step)) +
            "\n";
  }
  return element("ol", "gantt", rows) + "\n";
}

std::string logs_html(const RunRecord& run) {
  std::string list;
  for (const auto& look : status_looks) {
    for (const auto& step : run.steps) {
      if (&look_of_status(step.status) == &look) list += log_html(step);
    }
  }
  return list;
}

}  // namespace mlenv
