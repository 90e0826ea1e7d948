#include <algorithm>

#include "base/text.hpp"
#include "kinds/lint.hpp"

namespace mlenv {
namespace {

/// The versions in `/usr/local/cuda-11.0/lib64`; a plain `/usr/local/cuda` is the one that is chosen there.
std::vector<std::string> cuda_folders(const std::string& text) {
  constexpr std::string_view mark = "/cuda-";
  std::vector<std::string> versions;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const auto begin = at + mark.size();
    const auto end = std::min(text.find_first_not_of("0123456789.", begin), text.size());
    auto version = text.substr(begin, end - begin);
    if (!version.empty()) versions.push_back(std::move(version));
  }
  return versions;
}

/// Whether a folder of that version is one of the toolkit's: `11` and `11.0` are both 11.0's.
bool is_of(const std::string& folder, const std::string& toolkit) {
  return folder == toolkit || folder.starts_with(toolkit + ".") || toolkit.starts_with(folder + ".");
}

std::vector<const Node*> values_of(const Declaration& declaration) {
  std::vector<const Node*> values;
  const auto add = [&](const Node& node) {
    for (const auto* each : scalars_of(node)) values.push_back(each);
  };
  for (const auto& [key, value] : declaration.body) {
    if (declaration.kind == "env_var" &&
        (key.text == "value" || key.text == "prepend" || key.text == "append"))
      add(value);
    if (declaration.kind != "jupyter_kernel" || key.text != "env") continue;
    for (const auto& [name, text] : value.entries) add(text);
  }
  return values;
}

}  // namespace

void lint_cuda_paths(const LintScope& scope) {
  const auto toolkits = declared_toolkits(scope);
  if (toolkits.empty()) return;
  for (const auto* declaration : scope.declared) {
    for (const auto* value : values_of(*declaration)) {
      for (const auto& folder : cuda_folders(value->text)) {
        const auto fits = [&](const std::string& toolkit) { return is_of(folder, toolkit); };
        if (std::any_of(toolkits.begin(), toolkits.end(), fits)) continue;
        scope.decode.diagnostics.warning(
            "lint.cuda-path",
            "this is the folder of CUDA " + folder + ", and the recipe installs CUDA " + join(toolkits, ", "),
            value->span, "the declared toolkit is in `/usr/local/cuda-" + toolkits.front() + "`");
      }
    }
  }
}

}  // namespace mlenv
