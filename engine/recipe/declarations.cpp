#include <algorithm>

#include "base/text.hpp"
#include "recipe/recipe_files.hpp"

namespace mlenv {
namespace {

/// Reads the items of one `resources` list.
class DeclarationReader {
 public:
  DeclarationReader(const RecipeSource& file, const RecipeRequest& request, const Scope& scope,
                    Diagnostics& diagnostics)
      : file_(file), request_(request), scope_(scope), diagnostics_(diagnostics) {}

  std::optional<Declaration> read(const Node& item) {
    if (!item.is_mapping()) {
      diagnostics_.error("recipe.type",
                         "expected a resource such as `- directory: ~/ml`, found " + describe_type(item),
                         item.span);
      return std::nullopt;
    }
    const Node* kind = find_kind_key(item);
    if (kind == nullptr) return std::nullopt;
    Declaration declaration;
    declaration.kind = kind->text;
    declaration.where = kind->span;
    declaration.folder = file_.folder;
    for (const auto& [key, value] : item.entries) {
      auto expanded = expand(value, scope_, diagnostics_);
      if (&key == kind) {
        declaration.name = std::move(expanded);
      } else {
        take(key, std::move(expanded), declaration);
      }
    }
    return declaration;
  }

 private:
  void take(const Node& key, Node value, Declaration& declaration) {
    if (key.text == "state") {
      declaration.state = std::move(value);
    } else if (key.text == "id") {
      declaration.id = std::move(value);
    } else if (key.text == "needs") {
      take_needs(std::move(value), declaration);
    } else if (key.text == "when") {
      declaration.when = Condition::parse(value, diagnostics_);
    } else {
      declaration.body.emplace_back(key, std::move(value));
    }
  }

  void take_needs(Node value, Declaration& declaration) {
    if (value.is_sequence()) {
      declaration.needs = std::move(value.items);
    } else if (value.is_scalar()) {
      declaration.needs.push_back(std::move(value));
    } else {
      diagnostics_.error("recipe.type", "`needs` expects a list of addresses, found " + describe_type(value),
                         value.span);
    }
  }

  bool is_kind(const std::string& name) const {
    return std::find(request_.kinds.begin(), request_.kinds.end(), name) != request_.kinds.end();
  }

  /// `venv` beside `pip_package` is an attribute: the kind is the key of which all the others can be
  /// attributes.
  const Node* find_kind_key(const Node& item) {
    std::vector<const Node*> candidates;
    for (const auto& [key, value] : item.entries) {
      if (key.is_scalar() && is_kind(key.text)) candidates.push_back(&key);
    }
    if (candidates.empty()) return report_unknown(item), nullptr;
    for (const auto* candidate : candidates) {
      const auto fits = [&](const Node* other) {
        return other == candidate || (request_.has_field && request_.has_field(candidate->text, other->text));
      };
      if (std::all_of(candidates.begin(), candidates.end(), fits)) return candidate;
    }
    diagnostics_.report(
        {Severity::error,
         "recipe.two-kinds",
         "this resource names two kinds: `" + candidates[0]->text + "` and `" + candidates[1]->text + "`",
         candidates[1]->span,
         {{candidates[0]->span, "the first one"}},
         "begin a new item with `- `"});
    return nullptr;
  }

  void report_unknown(const Node& item) {
    for (const auto& [key, value] : item.entries) {
      if (key.text == "state" || key.text == "id" || key.text == "needs" || key.text == "when") continue;
      const auto near = nearest_word(key.text, request_.kinds);
      diagnostics_.error(
          "recipe.unknown-kind", "there is no resource kind `" + key.text + "`", key.span,
          near ? "did you mean `" + *near + "`?" : "the kinds are: " + join(request_.kinds, ", "));
      return;
    }
    diagnostics_.error("recipe.no-kind", "this resource names no kind", item.span,
                       "the kinds are: " + join(request_.kinds, ", "));
  }

  const RecipeSource& file_;
  const RecipeRequest& request_;
  const Scope& scope_;
  Diagnostics& diagnostics_;
};

}  // namespace

void read_declarations(const RecipeSource& file, const RecipeRequest& request, const Scope& scope,
                       Recipe& recipe, Diagnostics& diagnostics) {
  const auto* resources = file.root.find("resources");
  if (resources == nullptr || resources->type == Node::Type::null) return;
  if (!resources->is_sequence()) {
    diagnostics.error("recipe.type", "`resources` expects a list, found " + describe_type(*resources),
                      resources->span, "each resource begins with `- `");
    return;
  }
  DeclarationReader reader(file, request, scope, diagnostics);
  for (const auto& item : resources->items) {
    if (auto declaration = reader.read(item)) recipe.declarations.push_back(std::move(*declaration));
  }
}

}  // namespace mlenv
