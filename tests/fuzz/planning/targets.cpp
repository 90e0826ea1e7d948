#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

// Each is a file of this folder, of the target's name.
void host_tree(std::string_view input);
void kernel_json(std::string_view input);
void ledger(std::string_view input);
void recipe(std::string_view input);
void run_page(std::string_view input);
void saved_plan(std::string_view input);

/// What reads by planning: nearly the whole engine.
std::vector<Target> planning_targets();

std::vector<Target> planning_targets() {
  return {
      {"host_tree", host_tree}, {"kernel_json", kernel_json}, {"ledger", ledger},
      {"recipe", recipe},       {"run_page", run_page},       {"saved_plan", saved_plan},
  };
}

}  // namespace mlenv::fuzz
