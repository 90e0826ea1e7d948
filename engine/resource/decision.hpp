#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// What a plan says of one resource. The names of contract and JSON.
enum class Action { none, create, update, replace, remove, unknown, manual, not_applicable };

/// `create`, …; remove is `delete`.
std::string_view action_name(Action action);
/// True for what apply has to do something about (or a person has).
bool is_pending(Action action);

/// One attribute that is not as declared (or, for a new resource, will be).
struct Difference {
  std::string attribute;
  std::optional<std::string> before = std::nullopt;
  std::optional<std::string> after = std::nullopt;
  bool operator==(const Difference&) const = default;
};

/// A hint that a kind gives along with its decision: not an error, not about the recipe's text.
struct Finding {
  std::string code;
  std::string message;
  std::string hint = {};
  Severity severity = Severity::warning;
  bool operator==(const Finding&) const = default;
};

/// A kind's answer for one resource: what is to happen, why, and by which steps, in order. With Action::none,
/// steps are what is to run if anything else in the plan changes (checks).
struct Decision {
  Action action = Action::none;
  std::string because = {};
  std::vector<Difference> differences = {};
  std::vector<Step> steps = {};
  std::vector<Finding> findings = {};
  std::string diff = {};  ///< what changes in a text, as a unified diff, or why it is not shown; empty: none
  std::string found =
      {};  ///< the state in short: a version, `absent`; a plan that stands on another is stale
  bool operator==(const Decision&) const = default;
};

}  // namespace mlenv
