#include "cli/saved_plan.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/host_files.hpp"
#include "fuzz/planning/loading.hpp"
#include "view/diagnostic_text.hpp"
#include "view/graph_view.hpp"
#include "view/html_page.hpp"
#include "view/plan_document.hpp"
#include "view/plan_text.hpp"

namespace mlenv::fuzz {
namespace {

void show_plan(const LoadedTexts& loaded, const HostReader& host) {
  const auto plan = plan_of(loaded, some_facts(), host);
  const auto document = plan_document(plan);
  plan_text(document, {true, true, 80});
  plan_page(document);
  hold(plan_drift(document, document).empty(), "a plan does not differ from itself");
  SavedPlan saved;
  saved.plan = document;
  const auto again = read_saved_plan(dump(saved_plan_document(saved)));
  hold(again && dump(again->plan) == dump(document), "a saved plan reads as it was saved");
}

}  // namespace

/// A recipe, and behind `%%` the file `base.yaml` that it may include: validated, and planned for a host.
void recipe(std::string_view input) {
  const auto all = parts(input);
  const RecipeTexts texts = {{"a.yaml", all[0]}, {"base.yaml", all.size() > 1 ? all[1] : std::string()}};
  {
    Diagnostics diagnostics;
    const auto loaded = load(texts, nullptr, nullptr, diagnostics);
    hold(loaded || diagnostics.failed(), "a recipe that is refused says why");
    diagnostics_text(diagnostics, {false, false, 80});
    if (loaded) {
      graph_dot(loaded->graph);
      graph_mermaid(loaded->graph);
    }
  }
  Diagnostics diagnostics;
  const auto host = recorded_reader({{"/var/lib/dpkg/arch", {FileType::file, "amd64\n"}},
                                     {"/usr/bin/python3.11", {FileType::file, {}, 0755}},
                                     {"/usr/bin/python3", {FileType::symlink, "python3.11"}}});
  const auto loaded = load(texts, &some_facts(), host.get(), diagnostics);
  diagnostics_document(diagnostics);
  if (loaded) show_plan(*loaded, *host);
}

}  // namespace mlenv::fuzz
