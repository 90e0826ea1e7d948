#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "host/facts.hpp"
#include "recipe/recipe.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// Where a declaration stands, detached from its source text so that a plan can be kept.
struct Origin {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
  bool operator==(const Origin&) const = default;
};

/// A decision with its address, in a plan.
struct Change {
  Address address;
  Origin origin;
  Decision decision;
  std::vector<Address> needs;  ///< direct ones, inferred and explicit, in the recipe's order
  bool operator==(const Change&) const = default;
};

/// A step in its place. Several changes may share it. Ids begin at one and rise along every edge.
struct PlannedStep {
  int id = 0;
  Step step;
  std::vector<std::size_t> changes;  ///< indices into Plan::changes
  std::vector<int> needs;            ///< ids of the steps that must have been done
  bool operator==(const PlannedStep&) const = default;
};

/// One thing that a plan wants to tell, with its place where it has one.
struct PlanFinding {
  std::string code;
  Severity severity = Severity::warning;
  std::string message;
  std::string hint;
  Origin origin;
  bool operator==(const PlanFinding&) const = default;
};

/// For which host a plan was made.
struct PlanHost {
  std::string hostname;
  std::string os;  ///< `ubuntu 20.04`; empty when not known
  std::string arch;
  std::string virt;  ///< empty when not known
  std::string id;    ///< see Facts::host_id
  std::string user;
  std::string root = "/";
  bool operator==(const PlanHost&) const = default;
};

/// For which recipe.
struct PlanRecipe {
  std::string name;
  std::vector<std::string> files;
  std::string digest;
  bool operator==(const PlanRecipe&) const = default;
};

/// What would change, and by which steps: data, complete before anything runs.
struct Plan {
  PlanRecipe recipe;
  PlanHost host;
  std::vector<Change>
      changes;  ///< every resource, in an order that respects `needs`, ties in the recipe's order
  std::vector<PlannedStep> steps;
  std::vector<PlanFinding> findings;
  bool reboot = false;  ///< what changes takes effect with the next boot
  bool operator==(const Plan&) const = default;

  std::size_t count(Action action) const;
  /// True when apply would have something to do, or a person has.
  bool pending() const;
};

Origin origin_of(const Span& where);

}  // namespace mlenv
