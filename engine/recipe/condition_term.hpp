#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "recipe/condition.hpp"

namespace mlenv {

/// One key of a condition, ready to be asked.
struct Condition::Term {
  std::function<Answer(const Facts&)> ask;
  bool negated = false;
};
using Terms = std::vector<std::shared_ptr<const Condition::Term>>;

/// The keys of a condition's mapping, `not:` included; nothing when something was reported.
std::optional<Terms> parse_terms(const Node& node, Diagnostics& diagnostics);

/// The keys under `gpu:`.
std::optional<Terms> parse_gpu_terms(const Node& node, Diagnostics& diagnostics);

/// A term for one value or a list of which any may hold. `judge` answers for one text with its truth.
using Judge = std::function<Truth(const Facts&, const std::string& asked)>;
/// What the host has, for people.
using Describe = std::function<std::string(const Facts&)>;
/// Reads the scalars, lets `check` (null: all is fine) refuse each, and makes the term.
std::optional<Terms> any_of_term(const std::string& subject, const Node& node,
                                 const std::function<std::string(const std::string&)>& check, Judge judge,
                                 Describe describe, Diagnostics& diagnostics);

}  // namespace mlenv
