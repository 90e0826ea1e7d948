#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mlenv {

/// How planning for one recorded host has ended: `planned`, `refused` (the host is not what the recipe asks
/// for), `bad-recipe` (there is a mistake in it), `unreadable` (the record cannot be read).
enum class HostStatus { planned, refused, bad_recipe, unreadable };

/// The plan for one recorded host. Where there is none its findings say why.
struct HostPlan {
  std::string record;             ///< the file
  std::vector<std::string> gpus;  ///< a name each
  HostStatus status = HostStatus::planned;
  Plan plan;
};

/// The document `mlenvctl.plans/1`: for each host the document `mlenvctl.plan/1` with `record`, `status` and
/// `gpus` in it.
nlohmann::ordered_json plans_document(const std::vector<HostPlan>& plans);

}  // namespace mlenv
