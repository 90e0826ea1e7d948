#include "view/findings_view.hpp"

#include <algorithm>

#include "view/finding_document.hpp"
#include "view/screen_text.hpp"

namespace mlenv {

nlohmann::ordered_json findings_document(const std::vector<Finding>& findings) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& each : findings)
    list.push_back(finding_document({each.code, each.severity, each.message, each.hint, {}}));
  return {{"format", "mlenvctl.doctor/1"}, {"findings", std::move(list)}};
}

std::string findings_text(const std::vector<Finding>& findings, const Style& style) {
  std::string text;
  for (const auto& each : findings) {
    const auto label = each.severity == Severity::error     ? red("error:", style)
                       : each.severity == Severity::warning ? yellow("warning:", style)
                                                            : bold("note:", style);
    text += label + " " + visible(each.message) + dim(" [" + each.code + "]", style) + "\n";
    if (!each.hint.empty()) text += "  remedy: " + visible(each.hint) + "\n";
  }
  const auto wrong = std::count_if(findings.begin(), findings.end(),
                                   [](const Finding& each) { return each.severity != Severity::note; });
  if (wrong == 0)
    return text + green("Nothing is wrong with the driver and what it stands on.", style) + "\n";
  return text + bold(std::to_string(wrong) + (wrong == 1 ? " thing" : " things") + " to look after.", style) +
         "\n";
}

}  // namespace mlenv
