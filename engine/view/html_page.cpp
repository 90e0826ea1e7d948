#include "view/html_page.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"
#include "view/events_view.hpp"
#include "view/html_parts.hpp"
#include "view/html_text.hpp"

namespace mlenv {

extern const std::string_view page_style;
extern const std::string_view page_script;

namespace {

constexpr std::array<std::pair<const char*, const char*>, 7> section_titles = {{{"time", "Time line"},
                                                                                {"logs", "Logs"},
                                                                                {"findings", "Findings"},
                                                                                {"cost", "Price tag"},
                                                                                {"changes", "Changes"},
                                                                                {"graph", "Graph"},
                                                                                {"steps", "Steps"}}};

/// The whole file around what it shows. Nothing may be loaded or sent, and no script run but the page's own.
std::string document(const std::string& title, const std::string& body) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '" +
         policy_hash(page_style) + "'; script-src '" + policy_hash(page_script) +
         "'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light "
         "dark\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n<title>" +
         title + "</title>\n<style>" + std::string(page_style) + "</style>\n</head>\n<body>\n" + body +
         "<script>" + std::string(page_script) + "</script>\n</body>\n</html>\n";
}

std::string host_html(const Json& host) {
  std::vector<std::string> parts;
  for (const char* key : {"hostname", "os", "arch", "virt"}) {
    if (const auto text = html_at(host, key); !text.empty()) parts.push_back(text);
  }
  return join(parts, " \u00b7 ");
}

std::size_t count_of(const PageChanges& changes, const std::string& action) {
  std::size_t count = 0;
  for (const auto* change : changes.all) count += text_at(*change, "action") == action ? 1 : 0;
  return count;
}

/// The counts of a plan, with their marks.
std::string counts_html(const PageChanges& changes) {
  std::string list;
  for (const auto& look : action_looks()) {
    const auto count = count_of(changes, look.action);
    if (count > 0)
      list += element("li", "a-" + look.action,
                      mark_html(look.action) + "<b>" + std::to_string(count) + "</b> " + look.words);
  }
  return list.empty() ? list : element("ul", "counts", list) + "\n";
}

/// The same as switches, and a field for text: what the list and the graph show.
std::string filter_html(const PageChanges& changes) {
  if (changes.all.empty()) return {};
  std::string buttons;
  for (const auto& look : action_looks()) {
    const auto count = count_of(changes, look.action);
    if (count == 0) continue;
    buttons += "<button type=\"button\" class=\"a-" + look.action + "\" data-filter=\"" + look.action +
               "\" aria-pressed=\"false\">" + mark_html(look.action) + look.words + " <b>" +
               std::to_string(count) + "</b></button>\n";
  }
  return "<div class=\"filter script\" role=\"search\"><input type=\"search\" id=\"filter-text\" "
         "placeholder=\"filter  ( / )\" "
         "aria-label=\"show only changes with this text\" autocomplete=\"off\" spellcheck=\"false\">\n" +
         buttons +
         "<button type=\"button\" id=\"unfold\" aria-pressed=\"false\">open all</button>"
         "<span id=\"shown\" class=\"dim\" role=\"status\"></span></div>\n";
}

std::string files_html(const Json& recipe) {
  std::vector<std::string> files;
  for (const auto& file : at(recipe, "files")) files.push_back(element("code", "", html(words_of(file))));
  return files.empty() ? "" : element("p", "files dim", join(files, ", ")) + "\n";
}

std::string header_html(const std::string& kind, const std::string& name, const std::string& below) {
  return "<header>\n<h1><span class=\"kind\">" + kind + "</span> " + name +
         "</h1>\n<button type=\"button\" id=\"theme\" class=\"script\" title=\"light or dark\" "
         "aria-label=\"light or dark\">"
         "\u25d0</button>\n" +
         below + "</header>\n";
}

/// Links to the sections that are there.
std::string links_html(const std::string& sections) {
  std::string links;
  for (const auto& [id, title] : section_titles) {
    if (sections.find("<section id=\"" + std::string(id) + "\"") != std::string::npos)
      links += "<a href=\"#" + std::string(id) + "\">" + title + "</a>\n";
  }
  return element("nav", "", links) + "\n";
}

/// What a plan's page has below its head, in this order.
std::string plan_sections(const Json& plan, const PageChanges& changes) {
  return section_html("findings", "Findings", findings_html(at(plan, "findings"))) +
         section_html("cost", "Price tag", cost_html(plan)) + filter_html(changes) +
         "<div class=\"pair\">\n" + section_html("changes", "Changes", changes_html(changes)) +
         section_html("graph", "Graph", graph_html(changes)) + "</div>\n" +
         section_html("steps", "Steps", steps_html(plan));
}

std::string plan_head(const Json& plan, const PageChanges& changes) {
  return element("p", "host", host_html(at(plan, "host"))) + "\n" + files_html(at(plan, "recipe")) +
         counts_html(changes);
}

/// How a run ended, in a line.
std::string outcome_html(const RunRecord& run) {
  const bool ok = run.status == "ok", waits = run.status == "waiting";
  const auto word = ok ? "\u2713 done" : waits ? "! waiting for a person" : "\u2717 " + html(run.status);
  std::vector<std::string> counts;
  const auto add = [&](const std::string& number, const char* what) {
    if (!number.empty() && number != "0") counts.push_back(html(number) + " " + what);
  };
  add(run.done, "done");
  add(run.failed, "failed");
  add(run.skipped, "not reached");
  counts.push_back("in " + duration_text(std::chrono::milliseconds(run.took)));
  return element("p",
                 std::string("outcome s-") + (ok      ? "ok"
                                              : waits ? "waiting"
                                                      : "failed"),
                 "<strong>" + word + "</strong> " + join(counts, ", ")) +
         element(
             "p", "dim",
             html(run.id) + (run.started.empty() ? "" : " \u00b7 began " + html(moment_words(run.started)))) +
         "\n";
}

std::string run_sections(const RunRecord& run) {
  return section_html("time", "Time line", time_line_html(run)) +
         section_html("logs", "Logs", logs_html(run));
}

std::string listed_html(const ListedRun& listed) {
  const auto id = html_at(listed.summary, "run_id"), status = html_at(listed.summary, "status");
  const auto* look = status == "ok" ? "ok" : status == "waiting" ? "waiting" : "failed";
  const auto* mark = status == "ok" ? "\u2713" : status == "waiting" ? "!" : "\u2717";
  const bool told = !listed.journal.empty();
  const auto run = read_run(listed.journal);
  const auto took = told ? ", " + duration_text(std::chrono::milliseconds(run.took)) : std::string();
  const auto summary = "<span class=\"mark s-" + std::string(look) + "\">" + mark + "</span>" +
                       element("span", "when", html(moment_words(text_at(listed.summary, "started")))) +
                       element("code", "address", html_at(listed.summary, "recipe")) +
                       element("span", "reason", status + took);
  const auto body =
      told ? element("p", "dim", id) + time_line_html(run) + logs_html(run)
           : element("p", "dim",
                     "its time line and logs: <code>mlenvctl history --html FILE " + id + "</code>");
  return folded("run", summary, element("div", "body", body));
}

}  // namespace

std::string plan_page(const Json& plan) {
  const auto changes = page_changes(plan);
  const auto name = html_at(at(plan, "recipe"), "name");
  const auto sections = plan_sections(plan, changes);
  return document("plan: " + name,
                  header_html("plan", name, plan_head(plan, changes) + links_html(sections)) +
                      element("main", "", sections));
}

std::string run_page(const Json& plan, std::string_view journal) {
  const auto run = read_run(journal);
  const auto name = html(run.recipe);
  const auto changes = page_changes(plan);
  const bool kept = plan.is_object();
  const auto head = outcome_html(run) + (kept ? plan_head(plan, changes) : "");
  const auto sections = run_sections(run) + (kept ? plan_sections(plan, changes) : "");
  return document("run: " + name,
                  header_html("run", name, head + links_html(sections)) + element("main", "", sections));
}

std::string history_page(const std::vector<ListedRun>& runs) {
  std::string list;
  for (const auto& run : runs) list += listed_html(run);
  if (list.empty()) list = element("p", "calm", "no runs yet") + "\n";
  return document("history", header_html("history", counted(runs.size(), "run", "runs"), "") +
                                 element("main", "", section_html("runs", "Runs", list)));
}

}  // namespace mlenv
