#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "recipe/document.hpp"

namespace mlenv {

/// What `${…}` can mean: `${name}` a variable, `${env.NAME}` the environment, `${facts.a.b}` a fact; `$${` is
/// a literal `${`.
struct Scope {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> environment;
  /// A fact by its dotted path without the leading `facts.`; nothing when it is not known. Where there is no
  /// host (validate) this is empty, and a fact stands for itself as `<facts.a.b>`.
  std::function<std::optional<std::string>(const std::string&)> fact;
  std::set<std::string> from_environment = {};  ///< the variables whose values came from the environment
};

/// The node with every scalar value (not keys) expanded, and marked where it was. Codes:
/// `recipe.unset-variable unset-environment unknown-fact reference-syntax`; each points at the `${…}` itself,
/// with the nearest known name as hint.
Node expand(const Node& node, const Scope& scope, Diagnostics& diagnostics);

}  // namespace mlenv
