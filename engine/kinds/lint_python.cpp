#include <algorithm>

#include "base/text.hpp"
#include "kinds/lint.hpp"
#include "knowledge/knowledge.hpp"
#include "resource/python_wish.hpp"

namespace mlenv {
namespace {

/// Whether the recipe's requirements rule a host out by one of its keys.
bool is_ruled_out(const Recipe& recipe, const Facts& facts, std::string_view subject) {
  return std::any_of(recipe.requirements.begin(), recipe.requirements.end(), [&](const Requirement& each) {
    const auto answers = each.condition.failures(facts);
    return std::any_of(answers.begin(), answers.end(), [&](const Answer& answer) {
      return answer.subject == subject && answer.truth == Truth::no;
    });
  });
}

/// `/usr/bin/python3.8` -> `python3.8`: of a path its name is all that tells.
std::string wish_text(const std::string& text) {
  return text.starts_with("/") ? text.substr(text.rfind('/') + 1) : text;
}

/// Whether some Python is what both the venv and the recipe ask for.
bool has_common_python(const PythonWish& wish, const Recipe& recipe) {
  constexpr int newest_minor = 30, newest_patch = 30;
  for (int minor = 0; minor <= newest_minor; ++minor) {
    for (int patch = 0; patch <= newest_patch; ++patch) {
      const auto version = "3." + std::to_string(minor) + "." + std::to_string(patch);
      Facts facts;
      facts.pythons = {{"/usr/bin/python3", version}};
      if (wish.allows(version) && !is_ruled_out(recipe, facts, "python")) return true;
    }
  }
  return false;
}

void lint_venv(const Declaration& declaration, const LintScope& scope) {
  const auto* python = field_of(declaration, "python");
  if (python == nullptr || !python->is_scalar() || is_open(python->text)) return;
  const auto text = wish_text(python->text);
  const auto wish = PythonWish::parse(text);
  if (!wish || has_common_python(*wish, scope.recipe)) return;
  scope.decode.diagnostics.report({Severity::warning,
                                   "lint.python-mismatch",
                                   "no Python is both `" + python->text + "` and what the recipe requires",
                                   python->span,
                                   {{scope.recipe.requirements.front().where, "its requirements"}},
                                   "ask for one range in both; a variable of the recipe may hold it"});
}

/// The distributions that refuse pip outside a venv and that the recipe may meet: this host's, or without a
/// host those that it does not rule out.
std::vector<std::string> refusing_systems(const LintScope& scope) {
  const auto* os = scope.decode.facts == nullptr ? nullptr : known(scope.decode.facts->os);
  std::vector<std::string> systems;
  for (const auto& row : scope.decode.knowledge->table("distro_pythons")) {
    const auto name = row.text("os");
    const auto space = name.find(' ');
    if (row.text("managed") != "true" || space == std::string::npos) continue;
    Facts facts;
    facts.os = Os{name.substr(0, space), name.substr(space + 1), row.text("codename"), {}};
    const bool meant = scope.decode.facts == nullptr ? !is_ruled_out(scope.recipe, facts, "os")
                                                     : os != nullptr && os->id == name.substr(0, space) &&
                                                           os->version_id == name.substr(space + 1);
    if (meant) systems.push_back(name);
  }
  return systems;
}

void lint_user_site(const Declaration& declaration, const LintScope& scope) {
  const auto* user = field_of(declaration, "user");
  if (user == nullptr || user->text != "true") return;
  const auto systems = refusing_systems(scope);
  if (systems.empty()) return;
  scope.decode.diagnostics.warning(
      "lint.system-python",
      "this installs for the system's own Python, which " +
          (systems.size() == 1 ? "`" + systems.front() + "` refuses" : "newer distributions refuse") +
          " (PEP 668)",
      user->span, "declare a `venv`, and name it here in place of `user: true`");
}

}  // namespace

void lint_python(const LintScope& scope) {
  for (const auto* declaration : scope.declared) {
    if (declaration->kind == "venv" && !scope.recipe.requirements.empty()) lint_venv(*declaration, scope);
    if (declaration->kind == "pip_package" && scope.decode.knowledge != nullptr)
      lint_user_site(*declaration, scope);
  }
}

}  // namespace mlenv
