#include "kinds/kinds.hpp"

#include <algorithm>

#include "kinds/composite.hpp"
#include "kinds/lint.hpp"
#include "kinds/pinned.hpp"

namespace mlenv {

const std::vector<Kind>& all_kinds() {
  static const std::vector<Kind> kinds = {
      apt_repo_kind(),       cuda_repo_kind(), apt_package_kind(),  rpm_package_kind(), package_kind(),
      directory_kind(),      file_kind(),      env_var_kind(),      venv_kind(),        pip_package_kind(),
      jupyter_kernel_kind(), service_kind(),   group_member_kind(), check_kind(),       nvidia_driver_kind(),
      cuda_toolkit_kind(),   cudnn_kind(),     framework_kind(),
  };
  return kinds;
}

const Kind* find_kind(std::string_view name) {
  const auto& kinds = all_kinds();
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.text.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

bool has_field(const std::string& kind, const std::string& field) {
  const auto* found = find_kind(kind);
  return found != nullptr && std::any_of(found->fields.begin(), found->fields.end(),
                                         [&](const Field& each) { return each.name == field; });
}

namespace {

using Decoded = std::vector<std::vector<Resource>>;  // for each declaration

/// In the order in which they choose: what is behind goes by what is before it.
constexpr const char* composites[] = {"package", "nvidia_driver", "cuda_toolkit", "cudnn", "framework"};

std::vector<Resource> joined(Decoded decoded) {
  std::vector<Resource> all;
  for (auto& each : decoded) {
    for (auto& resource : each) all.push_back(std::move(resource));
  }
  return all;
}

void expand_all(const Recipe& recipe, DecodeScope& scope, Decoded& decoded) {
  const auto plain = joined(decoded);
  Composition composition{scope, recipe, plain};
  for (const std::string name : composites) {
    for (std::size_t i = 0; i < recipe.declarations.size(); ++i) {
      const auto& declaration = recipe.declarations[i];
      if (declaration.kind != name) continue;
      scope.folder = declaration.folder;
      decoded[i] = expand_pinned(declaration, composition);
    }
  }
}

}  // namespace

std::vector<Resource> decode_all(const Recipe& recipe, DecodeScope scope) {
  Decoded decoded(recipe.declarations.size());
  bool any_composite = false;
  for (std::size_t i = 0; i < recipe.declarations.size(); ++i) {
    const auto& declaration = recipe.declarations[i];
    scope.folder = declaration.folder;
    const Kind* kind = find_kind(declaration.kind);  // read_recipe has refused the ones that are not there
    if (kind == nullptr) continue;
    any_composite = any_composite || kind->expand;
    if (kind->decode) decoded[i] = decode_pinned(declaration, recipe, scope);
  }
  if (any_composite) expand_all(recipe, scope, decoded);
  auto resources = joined(std::move(decoded));
  if (recipe.pins) {
    add_locked_debs(recipe, resources, scope);
    drop_declared_twice(resources);
    report_stale_pins(recipe, resources, scope);
  }
  lint_recipe(recipe, resources, scope);
  return resources;
}

}  // namespace mlenv
