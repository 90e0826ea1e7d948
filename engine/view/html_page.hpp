#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

// Pages that need nothing but themselves: no network, no file beside them. What they say is complete without
// their script, which only filters, moves and unfolds.

/// A plan's document as a page.
std::string plan_page(const nlohmann::ordered_json& plan);

/// A run as a page: its time line and its logs, and the plan that it carried out (null where that is not
/// kept). `journal` is the run's, one event a line.
std::string run_page(const nlohmann::ordered_json& plan, std::string_view journal);

/// A past run for the page that lists them: what `history` says of it, and its journal (empty where only that
/// is to be shown).
struct ListedRun {
  nlohmann::ordered_json summary;
  std::string journal;
};

/// Past runs in the order given, each opening to its time line and logs.
std::string history_page(const std::vector<ListedRun>& runs);

}  // namespace mlenv
