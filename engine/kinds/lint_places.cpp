#include <algorithm>
#include <unordered_map>

#include "host/reader.hpp"
#include "kinds/lint.hpp"

namespace mlenv {
namespace {

/// A path that a resource makes.
struct Claim {
  std::string path;
  const Declaration* declaration = nullptr;
  const Node* node = nullptr;
};

std::vector<Claim> claims_of(const LintScope& scope) {
  std::vector<Claim> claims;
  for (const auto* declaration : scope.declared) {
    const auto& kind = declaration->kind;
    const auto* node = kind == "venv"                          ? field_of(*declaration, "path")
                       : kind == "directory" || kind == "file" ? &declaration->name
                                                               : nullptr;
    if (node == nullptr || !node->is_scalar() || node->text.empty() || is_open(node->text)) continue;
    auto path = node->text;
    if (path.front() == '~') path = scope.decode.user.home + path.substr(1);
    claims.push_back({normal_path(path), declaration, node});
  }
  return claims;
}

/// The first claim of the same path that another kind, or another venv, makes.
const Claim* first_rival(const std::vector<const Claim*>& same_path, const Claim& claim) {
  for (const auto* each : same_path) {
    if (each->declaration->kind != claim.declaration->kind || each->declaration->kind == "venv") return each;
  }
  return nullptr;
}

void lint_claims(const LintScope& scope) {
  const auto claims = claims_of(scope);
  std::unordered_map<std::string, std::vector<const Claim*>> by_path;
  for (const auto& claim : claims) {
    auto& same_path = by_path[claim.path];
    const auto *first = first_rival(same_path, claim), *second = &claim;
    // The first of each kind stands for the others of it.
    if (std::none_of(same_path.begin(), same_path.end(),
                     [&](const Claim* each) { return each->declaration->kind == claim.declaration->kind; }))
      same_path.push_back(second);
    if (first == nullptr) continue;
    const bool folder_of_venv =
        first->declaration->kind == "directory" || second->declaration->kind == "directory";
    scope.decode.diagnostics.report(
        {Severity::warning,
         "lint.path-twice",
         "a `" + second->declaration->kind + "` and a `" + first->declaration->kind + "` have this one path",
         second->node->span,
         {{first->node->span, "the `" + first->declaration->kind + "`"}},
         folder_of_venv ? "leave the `directory` out: what stands in it makes its own folder"
                        : "give each a path of its own"});
  }
}

bool waits_for_nothing(const Declaration& check) {
  return check.needs.empty() && field_of(check, "venv") == nullptr;
}

/// Without `needs` a check comes after what is declared before it; before the first resource that is nothing.
void lint_first_checks(const LintScope& scope) {
  const auto is_check = [](const Declaration* each) { return each->kind == "check"; };
  const auto first = std::find_if_not(scope.declared.begin(), scope.declared.end(), is_check);
  if (first == scope.declared.end()) return;
  for (auto check = scope.declared.begin(); check != first; ++check) {
    if (!waits_for_nothing(**check)) continue;
    scope.decode.diagnostics.warning(
        "lint.check-first",
        "this check names nothing and nothing is declared before it, so it waits for "
        "nothing",
        (*check)->name.span, "put it behind what it checks, or name that under `needs`");
  }
}

}  // namespace

void lint_places(const LintScope& scope) {
  lint_claims(scope);
  lint_first_checks(scope);
}

}  // namespace mlenv
