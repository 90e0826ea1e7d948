#include "recipe/recipe.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "recipe/recipe_files.hpp"

namespace mlenv {
namespace {

const std::vector<std::string>& top_level_keys() {
  static const std::vector<std::string> keys = {"recipe",   "version", "description", "include",
                                                "requires", "vars",    "resources"};
  return keys;
}

bool is_recipe_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

/// The variables of all files in order of their first declaration; whoever includes overrules the included.
struct Variables {
  std::vector<std::pair<std::string, Node>> all;
  std::unordered_map<std::string, std::size_t> place;

  void set(const Node& key, const Node& value) {
    const auto [found, fresh] = place.emplace(key.text, all.size());
    if (fresh) {
      all.emplace_back(key.text, value);
    } else {
      all[found->second].second = value;
    }
  }
};

class RecipeReader {
 public:
  RecipeReader(const RecipeRequest& request, Diagnostics& diagnostics)
      : request_(request), diagnostics_(diagnostics) {}

  Recipe read(const std::vector<RecipeSource>& files) {
    for (const auto& file : files) read_head(file);
    Scope scope = evaluate();
    for (const auto& file : files) {
      read_requirements(file, scope);
      read_declarations(file, request_, scope, recipe_, diagnostics_);
    }
    recipe_.variables = std::move(scope.variables);
    recipe_.digest = digest();
    return std::move(recipe_);
  }

 private:
  void read_head(const RecipeSource& file) {
    recipe_.files.push_back(file.source);
    for (const auto& [key, value] : file.root.entries) {
      if (std::find(top_level_keys().begin(), top_level_keys().end(), key.text) != top_level_keys().end())
        continue;
      const auto near = nearest_word(key.text, top_level_keys());
      const bool is_kind =
          std::find(request_.kinds.begin(), request_.kinds.end(), key.text) != request_.kinds.end();
      diagnostics_.error("recipe.unknown-key", "a recipe has no key `" + key.text + "`", key.span,
                         is_kind ? "resources stand in the list under `resources:`"
                         : near  ? "did you mean `" + *near + "`?"
                                 : "its keys are: " + join(top_level_keys(), ", "));
    }
    read_name(file);
    read_version(file);
    read_variables(file);
  }

  void read_name(const RecipeSource& file) {
    const auto* name = file.root.find("recipe");
    if (name == nullptr) {
      if (!file.included) missing(file, "recipe", "its name");
    } else if (!name->is_scalar() || !is_recipe_name(name->text)) {
      diagnostics_.error(
          "recipe.type",
          "expected a name of letters, digits, `.`, `_` and `-`, found " + describe_type(*name), name->span);
    } else if (!file.included) {
      recipe_.name += (recipe_.name.empty() ? "" : "+") + name->text;
    }
    const auto* description = file.root.find("description");
    if (description != nullptr && description->is_scalar() && !file.included && recipe_.description.empty()) {
      recipe_.description = description->text;
    }
  }

  void read_version(const RecipeSource& file) {
    const auto* version = file.root.find("version");
    if (version == nullptr) {
      if (!file.included) missing(file, "version", "the version of the recipe language, 1");
    } else if (!version->is_scalar() || version->text != "1") {
      diagnostics_.error(
          "recipe.version",
          "this mlenvctl reads version 1 of the recipe language, found " + describe_type(*version),
          version->span);
    }
  }

  void missing(const RecipeSource& file, const std::string& key, const std::string& what) {
    diagnostics_.error("recipe.missing-key", "a recipe needs `" + key + "`: " + what, Span{file.source, 0, 0},
                       "add `" + key + ": " + (key == "version" ? "1" : "NAME") + "`");
  }

  void read_variables(const RecipeSource& file) {
    const auto* vars = file.root.find("vars");
    if (vars == nullptr || vars->type == Node::Type::null) return;
    if (!vars->is_mapping()) {
      diagnostics_.error("recipe.type",
                         "`vars` expects a mapping of names to text, found " + describe_type(*vars),
                         vars->span);
      return;
    }
    for (const auto& [key, value] : vars->entries) {
      if (!value.is_scalar()) {
        diagnostics_.error("recipe.type", "a variable is text, found " + describe_type(value), value.span);
      } else {
        variables_.set(key, value);
      }
    }
  }

  /// What `${…}` means in all files: each variable may hold those before it.
  Scope evaluate() {
    Scope scope{{}, request_.environment, request_.fact};
    for (const auto& [name, node] : variables_.all) {
      const auto given = request_.variables.find(name);
      if (given != request_.variables.end()) {
        scope.variables[name] = given->second;
        continue;
      }
      auto value = expand(node, scope, diagnostics_);
      if (value.from_environment) scope.from_environment.insert(name);
      scope.variables[name] = std::move(value.text);
    }
    std::vector<std::string> names;
    for (const auto& [name, node] : variables_.all) names.push_back(name);
    for (const auto& [name, value] : request_.variables) {
      if (scope.variables.count(name) != 0) continue;
      const auto near = nearest_word(name, names);
      diagnostics_.error("recipe.unknown-variable",
                         "`--var " + name + "=…`: the recipe declares no variable `" + name + "`", {},
                         near            ? std::optional("did you mean `" + *near + "`?")
                         : names.empty() ? std::nullopt
                                         : std::optional("its variables are: " + join(names, ", ")));
    }
    return scope;
  }

  void read_requirements(const RecipeSource& file, const Scope& scope) {
    const auto* wanted = file.root.find("requires");
    if (wanted == nullptr || wanted->type == Node::Type::null) return;
    if (auto condition = Condition::parse(expand(*wanted, scope, diagnostics_), diagnostics_)) {
      recipe_.requirements.push_back({std::move(*condition), wanted->span});
    }
  }

  std::string digest() const {
    std::string all;
    for (const auto& file : recipe_.files) all += file->name + '\0' + sha256_hex(file->text) + '\0';
    for (const auto& [name, value] : request_.variables) all += name + '=' + value + '\0';
    return "sha256:" + sha256_hex(all);
  }

  const RecipeRequest& request_;
  Diagnostics& diagnostics_;
  Recipe recipe_;
  Variables variables_;
};

}  // namespace

std::optional<Recipe> read_recipe(const RecipeRequest& request, const SourceLoader& load,
                                  Diagnostics& diagnostics) {
  const auto files = read_recipe_files(request.paths, load, diagnostics);
  if (files.empty()) return std::nullopt;
  return RecipeReader(request, diagnostics).read(files);
}

}  // namespace mlenv
