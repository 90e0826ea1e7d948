#include "kinds/kinds.hpp"

#include <algorithm>

namespace mlenv {

const std::vector<Kind>& all_kinds() {
  static const std::vector<Kind> kinds = {
      apt_repo_kind(), cuda_repo_kind(), apt_package_kind(), directory_kind(),      file_kind(),
      env_var_kind(),  venv_kind(),      pip_package_kind(), jupyter_kernel_kind(), check_kind(),
  };
  return kinds;
}

const Kind* find_kind(std::string_view name) {
  const auto& kinds = all_kinds();
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.text.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

std::vector<Resource> decode_all(const Recipe& recipe, DecodeScope scope) {
  std::vector<Resource> resources;
  for (const auto& declaration : recipe.declarations) {
    scope.folder = declaration.folder;
    const Kind* kind = find_kind(declaration.kind);  // read_recipe has refused the ones that are not there
    if (kind == nullptr) continue;
    for (auto& resource : kind->decode(declaration, scope)) resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace mlenv
