#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "recipe/condition.hpp"
#include "recipe/document.hpp"
#include "recipe/pins.hpp"
#include "recipe/variables.hpp"

namespace mlenv {

/// One entry of `resources`, after `${…}` was expanded and before its kind has understood it. What every kind
/// shares is taken out of the body.
struct Declaration {
  std::string kind;
  Span where;                               ///< the key that names the kind
  Node name;                                ///< the kind's value: a scalar, or a list for package kinds
  std::vector<std::pair<Node, Node>> body;  ///< the other attributes
  std::string folder;                       ///< of the file it stands in, for `source:` and `key.path`
  std::optional<Node> state;                ///< `present`, `absent`, …: the kind knows which
  std::optional<Node> id;
  std::vector<Node> needs;  ///< scalars, addresses as written
  std::optional<Condition> when;
  std::string locked_with = {};  ///< the address that brings it along, where a lock alone names it
};

struct Requirement {
  Condition condition;
  Span where;
};

/// What a set of files declares. Several recipes given together are one Recipe.
struct Recipe {
  std::string name;
  std::string description;
  std::vector<SourcePtr> files;  ///< in the order read, includes before the file that includes them
  std::string digest;  ///< `sha256:…` over the names and texts of the files and the variables given
  std::vector<Requirement> requirements;
  std::vector<Declaration> declarations;  ///< includes first, then the file's own
  std::map<std::string, std::string> variables;
  std::optional<Pins> pins = {};  ///< where a lock is honoured
};

/// How files are reached: the text of a path, or why not. The path is as written, relative ones resolved
/// against the including file.
using SourceLoader = std::function<Result<std::string>(const std::string& path)>;

struct RecipeRequest {
  std::vector<std::string> paths;
  std::map<std::string, std::string> variables;  ///< from --var; they win over `vars`
  std::map<std::string, std::string> environment;
  std::function<std::optional<std::string>(const std::string&)> fact;  ///< see Scope::fact
  std::vector<std::string> kinds;                                      ///< the names of all kinds
  /// Whether a kind has an attribute of that name: `venv` is a kind and an attribute of others.
  std::function<bool(const std::string& kind, const std::string& field)> has_field;
};

/// Reads recipes and what they include (each file once; a later `vars` entry of the including file wins over
/// the included one's). Reports every problem of every file. Codes: `recipe.unreadable include-cycle
/// missing-include unknown-key missing-key type version no-kind two-kinds unknown-kind unknown-variable` and
/// those of the parts.
std::optional<Recipe> read_recipe(const RecipeRequest& request, const SourceLoader& load,
                                  Diagnostics& diagnostics);

}  // namespace mlenv
