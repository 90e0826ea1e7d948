#include "cli/page.hpp"

#include "cli/screen.hpp"
#include "view/html_page.hpp"

namespace mlenv {
namespace {

constexpr std::size_t most_journals = 25;  // of the newest runs; a page of all would be too large to open

bool write_page(const std::string& text, const Arguments& arguments) {
  const auto written = write_own_file(arguments.html, text);
  if (!written) print_error(written.error(), arguments);
  return written.ok();
}

}  // namespace

bool write_plan_page(const nlohmann::ordered_json& plan, const Arguments& arguments) {
  return arguments.html.empty() || write_page(plan_page(plan), arguments);
}

bool write_run_page(const StateFolder& state, const std::string& run_id, const Arguments& arguments) {
  if (arguments.html.empty()) return true;
  const auto journal = read_own_file(state.journal_path(run_id));
  if (!journal) return print_error(journal.error(), arguments), false;
  return write_page(run_page(state.plan_of_run(run_id), *journal), arguments);
}

bool write_history_page(const std::vector<PastRun>& runs, const Arguments& arguments) {
  if (arguments.html.empty()) return true;
  std::vector<ListedRun> listed;
  for (const auto& run : runs) {
    const auto journal =
        listed.size() < most_journals ? read_own_file(run.log) : Result<std::string>(std::string());
    listed.push_back({run.summary, journal ? *journal : std::string()});
    listed.back().summary["run_id"] = run.id;
  }
  return write_page(history_page(listed), arguments);
}

}  // namespace mlenv
