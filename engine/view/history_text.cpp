#include "view/history_text.hpp"

#include "view/screen_text.hpp"

namespace mlenv {
namespace {

/// A value of a run as one word or few; `-` where there is none.
std::string cell(const nlohmann::ordered_json& run, const char* key) {
  const auto found = run.find(key);
  if (found == run.end() || found->is_null()) return "-";
  const auto text = found->is_string() ? found->get<std::string>() : found->dump();
  return text.empty() ? "-" : visible(text);
}

}  // namespace

std::string history_text(const nlohmann::ordered_json& runs, const Style& style) {
  if (runs.empty()) return "no runs yet\n";
  std::vector<std::vector<std::string>> rows = {
      {"STARTED", "RECIPE", "STATUS", "DONE", "FAILED", "NOT REACHED", "RUN", "LOG"}};
  for (const auto& run : runs) {
    rows.push_back({});
    if (!run.is_object()) continue;
    for (const char* key : {"started", "recipe", "status", "done", "failed", "skipped", "run_id", "log"}) {
      rows.back().push_back(cell(run, key));
    }
  }
  const auto text = aligned(rows);
  const auto first = text.find('\n');
  return bold(text.substr(0, first), style) + text.substr(first);
}

}  // namespace mlenv
