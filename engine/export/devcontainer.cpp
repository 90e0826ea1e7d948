#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "export/recipe_export.hpp"

namespace mlenv {
namespace {

/// The Python that an editor is to take: of the first environment that the recipe makes.
std::string interpreter_of(const Plan& plan) {
  for (const auto& planned : plan.steps) {
    if (const auto* venv = std::get_if<MakeVenv>(&planned.step)) return venv->path + "/bin/python";
  }
  return {};
}

bool brings_jupyter(const Plan& plan) {
  for (const auto& change : plan.changes) {
    if (change.address.kind == "jupyter_kernel") return true;
  }
  return false;
}

}  // namespace

std::string devcontainer_text(const ExportRequest& request, const ExportParts&) {
  nlohmann::ordered_json document;
  document["name"] = request.plan.recipe.name;
  document["build"] = {{"dockerfile", "Dockerfile"}};
  document["remoteUser"] = request.facts.user.name;
  if (has_card(request)) {
    document["runArgs"] = {"--gpus", "all"};
    document["hostRequirements"] = {{"gpu", true}};
  }
  auto& vscode = document["customizations"]["vscode"];
  vscode["extensions"] = {"ms-python.python"};
  if (brings_jupyter(request.plan)) vscode["extensions"].push_back("ms-toolsai.jupyter");
  if (const auto python = interpreter_of(request.plan); !python.empty())
    vscode["settings"] = {{"python.defaultInterpreterPath", python}};
  return document.dump(2) + "\n";
}

}  // namespace mlenv
