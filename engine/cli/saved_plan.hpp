#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/arguments.hpp"

namespace mlenv {

/// What was asked for when a plan was made, so that it can be made again: `apply` without a recipe plans anew
/// and compares. The plan itself is the document that `plan --json` prints.
struct SavedPlan {
  std::string nonce;                     ///< tells this plan from every other
  std::string made;                      ///< when, ISO 8601
  std::optional<std::string> after_run;  ///< the newest run of then; nothing where that was not written down
  std::vector<std::string> recipes;
  std::map<std::string, std::string> variables;
  std::vector<std::string> targets;
  std::string user;
  std::string root = "/";
  std::string host_id;  ///< of the machine; empty for a recorded host
  bool recorded = false;
  bool upgrade = false;
  bool allow_removals = false;
  bool ignore_lock = false;
  nlohmann::ordered_json plan;
};

/// The document `mlenvctl.saved-plan/1`, and back. A mere `mlenvctl.plan/1` document can be shown, not
/// applied.
nlohmann::ordered_json saved_plan_document(SavedPlan saved);
Result<SavedPlan> read_saved_plan(const std::string& text);

/// The Python packages that a plan has promised, `name==version` by the address that brings them: while its
/// index has them still, newer ones are no reason to break the promise.
std::map<std::string, std::vector<std::string>> promised_by(const nlohmann::ordered_json& plan);

/// What differs between the plan as saved and as it would be made now, in a person's words; empty when
/// nothing does.
std::vector<std::string> plan_drift(const nlohmann::ordered_json& saved, const nlohmann::ordered_json& now);

}  // namespace mlenv
