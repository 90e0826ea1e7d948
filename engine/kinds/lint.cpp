#include "kinds/lint.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace mlenv {
namespace {

bool is_for_this_host(const Declaration& declaration, const DecodeScope& scope) {
  if (declaration.state && declaration.state->text == "absent") return false;
  if (!declaration.when) return true;
  return scope.facts != nullptr && declaration.when->holds(*scope.facts) == Truth::yes;
}

bool is_digits_and(std::string_view text, char between) {
  return !text.empty() && text.front() != between && text.back() != between &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return (c >= '0' && c <= '9') || c == between; });
}

/// An address that says the same twice in one file; once in each of two files is how bases are shared.
void lint_repeats(const std::vector<Resource>& resources, DecodeScope& scope) {
  std::map<std::pair<const Source*, std::string>, const Resource*> declared;
  for (const auto& resource : resources) {
    if (!resource.chosen.empty()) continue;
    const auto [found, fresh] =
        declared.emplace(std::pair(resource.where.source.get(), resource.address.str()), &resource);
    const auto& first = *found->second;
    if (fresh || !first.same_as(resource)) continue;
    scope.diagnostics.report({Severity::warning,
                              "lint.declared-twice",
                              "`" + resource.address.str() + "` is declared twice",
                              resource.where,
                              {{first.where, "declared here first"}},
                              "leave one of them out"});
  }
}

}  // namespace

const Node* field_of(const Declaration& declaration, std::string_view name) {
  const auto found = std::find_if(declaration.body.begin(), declaration.body.end(),
                                  [&](const auto& entry) { return entry.first.text == name; });
  return found == declaration.body.end() ? nullptr : &found->second;
}

std::vector<const Node*> scalars_of(const Node& node) {
  std::vector<const Node*> all;
  if (node.is_scalar()) all.push_back(&node);
  for (const auto& item : node.items) {
    if (item.is_scalar()) all.push_back(&item);
  }
  return all;
}

bool is_open(std::string_view text) {
  return text.find("<facts.") != std::string_view::npos || text.find("<unset ") != std::string_view::npos;
}

bool is_path_list(std::string_view name) {
  static constexpr std::string_view names[] = {
      "PATH",           "LD_LIBRARY_PATH",    "LIBRARY_PATH",      "CPATH",
      "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "MANPATH",           "INFOPATH",
      "XDG_DATA_DIRS",  "XDG_CONFIG_DIRS",    "CMAKE_PREFIX_PATH", "PKG_CONFIG_PATH",
      "PYTHONPATH"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool refers_to(std::string_view text, const std::string& name) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (text.find("${" + name + "}") != std::string_view::npos) return true;
  for (auto at = text.find("$" + name); at != std::string_view::npos; at = text.find("$" + name, at + 1)) {
    const auto behind = at + name.size() + 1;
    if (behind >= text.size() || !is_letter(text[behind])) return true;
  }
  return false;
}

std::string toolkit_of(std::string_view package) {
  for (const std::string_view prefix : {"cuda-toolkit-", "cuda-runtime-", "cuda-libraries-", "cuda-"}) {
    if (!package.starts_with(prefix)) continue;
    const auto version = package.substr(prefix.size());
    return is_digits_and(version, '-') ? replace_all(std::string(version), "-", ".") : std::string();
  }
  return {};
}

std::string cuda_of(std::string_view package, std::string_view version) {
  for (const auto& [text, mark] : {std::pair(version, std::string_view("+cuda")), {package, "-cuda-"}}) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) continue;
    const auto cuda = text.substr(at + mark.size());
    if (is_digits_and(cuda, '.')) return std::string(cuda);
  }
  return {};
}

std::vector<std::string> declared_toolkits(const LintScope& scope) {
  std::vector<std::string> versions;
  for (const auto* declaration : scope.declared) {
    for (const auto* name : scalars_of(declaration->name)) {
      if (declaration->kind == "apt_package") versions.push_back(toolkit_of(name->text));
      if (declaration->kind == "cuda_toolkit" && is_digits_and(name->text, '.'))
        versions.push_back(name->text);
    }
  }
  versions.erase(std::remove(versions.begin(), versions.end(), std::string()), versions.end());
  return versions;
}

void lint_recipe(const Recipe& recipe, const std::vector<Resource>& resources, DecodeScope& decode) {
  LintScope scope{recipe, {}, decode};
  for (const auto& declaration : recipe.declarations) {
    if (is_for_this_host(declaration, decode)) scope.declared.push_back(&declaration);
  }
  lint_libraries(scope);
  lint_cuda_paths(scope);
  lint_python(scope);
  lint_places(scope);
  lint_apt_files(scope);
  // What was not understood looks like what else was not.
  if (!decode.diagnostics.failed()) lint_repeats(resources, decode);
}

}  // namespace mlenv
