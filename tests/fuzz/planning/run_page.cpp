#include "fuzz/fuzz.hpp"
#include "view/history_text.hpp"
#include "view/html_page.hpp"

namespace mlenv::fuzz {

/// A journal as its pages show it.
void run_page(std::string_view input) {
  const auto plan = nlohmann::ordered_json::object();
  const auto page = mlenv::run_page(plan, input);
  hold(page.find("<script>alert") == std::string::npos, "a journal brings no script of its own");
  history_page({{{{"run_id", "x"}, {"status", "ok"}}, std::string(input)}});
}

}  // namespace mlenv::fuzz
