#include "cli/saved_plan.hpp"

#include "fuzz/fuzz.hpp"
#include "view/html_page.hpp"
#include "view/plan_document.hpp"
#include "view/plan_text.hpp"

namespace mlenv::fuzz {

/// A saved plan, edited by whoever: shown, drawn, and compared with itself.
void saved_plan(std::string_view input) {
  const auto saved = read_saved_plan(std::string(input));
  if (!saved) return;
  const auto document = masked(saved->plan);
  plan_text(document, {true, true, 80});
  plan_page(document);
  promised_by(saved->plan);
  hold(plan_drift(saved->plan, saved->plan).empty(), "a plan does not differ from itself");
  plan_drift(saved->plan, {{"changes", nlohmann::ordered_json::array()}});
  if (saved->nonce.empty()) return;
  const auto again = read_saved_plan(dump(saved_plan_document(*saved)));
  hold(again && again->plan == saved->plan && again->nonce == saved->nonce, "it reads as it was saved");
}

}  // namespace mlenv::fuzz
