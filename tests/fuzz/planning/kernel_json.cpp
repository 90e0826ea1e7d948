#include "fuzz/fuzz.hpp"
#include "fuzz/host_files.hpp"
#include "fuzz/planning/loading.hpp"
#include "host/json_text.hpp"
#include "view/plan_document.hpp"

namespace mlenv::fuzz {
namespace {

constexpr const char* recipe_text = R"(recipe: kernel
version: 1
resources:
  - venv: torch
    path: ~/torch
  - jupyter_kernel: torch
    venv: torch
    display_name: PyTorch
    env: {CUDA_HOME: /usr/local/cuda}
)";

constexpr const char* path = "/home/student/.local/share/jupyter/kernels/torch/kernel.json";

}  // namespace

/// A kernel.json that somebody else has written: what is not declared in it stays.
void kernel_json(std::string_view input) {
  static const RecipeTexts texts = {{"a.yaml", recipe_text}};
  Files files = {{path, owned_file(std::string(input))}};
  Diagnostics diagnostics;
  const auto loaded = load(texts, &some_facts(), recorded_reader(files).get(), diagnostics);
  hold(loaded.has_value(), "the recipe is one");
  const auto plan = plan_of(*loaded, some_facts(), *recorded_reader(files));
  dump(plan_document(plan));
  const auto& decision = plan.changes[1].decision;
  if (decision.action != Action::update) return;
  for (const auto& step : decision.steps) perform(step, files);
  const auto again = plan_of(*loaded, some_facts(), *recorded_reader(files));
  hold(again.changes[1].decision.action == Action::none, "a kernel.json that was written is as declared");
  const auto before = parse_json(input);
  const auto after = parse_json(files[path].content);
  if (!before.is_object()) return;
  for (const auto& [key, value] : before.items()) {
    const bool ours = key == "argv" || key == "display_name" || key == "env";
    hold(ours || (after.contains(key) && after[key] == value), "a key that is not declared stays");
  }
}

}  // namespace mlenv::fuzz
