#pragma once

#include <cstdint>
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

/// What happens to one package, as apt or pip has worked it out for this plan.
struct PackageChange {
  enum class Action { install, upgrade, downgrade, remove, reinstall };
  std::string manager;  ///< apt, pip
  std::string name;
  std::string architecture = {};
  Action action = Action::install;
  std::string before = {};  ///< version; empty: not there
  std::string after = {};   ///< version; empty: it goes
  std::string origin = {};  ///< `Debian:12.7/stable`, or the host of a package index
  std::string file = {};
  std::optional<std::uint64_t> download_bytes = std::nullopt;
  std::optional<std::int64_t> disk_bytes = std::nullopt;  ///< more on disk; less when negative
  bool declared = false;                                  ///< the recipe names it
  bool operator==(const PackageChange&) const = default;
};

/// `install`, `upgrade`, ….
std::string_view package_action_name(PackageChange::Action action);

/// A decision with its address, in a plan.
struct Change {
  Address address;
  Origin origin;
  Decision decision;
  std::vector<Address> needs;                ///< direct ones, inferred and explicit, in the recipe's order
  std::vector<Address> to_build = {};        ///< of these, what is compiled already need not wait for
  std::vector<PackageChange> packages = {};  ///< all that this resource brings along, itself included
  int known_after = 0;     ///< id of the step after which the rest can be known; 0: it is known
  bool composite = false;  ///< see Resource
  bool reboots =
      false;  ///< it brings a driver: what needs it waits for the next boot, unless that runs already
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

/// What comes from one server.
struct DownloadPrice {
  std::string source;  ///< its name
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t cached_bytes = 0;  ///< of these, in the cache already
  bool operator==(const DownloadPrice&) const = default;
};

/// What one file system has to hold.
struct DiskNeed {
  std::string mount;
  std::uint64_t need_bytes = 0;  ///< at the worst moment
  std::optional<std::uint64_t> free_bytes = std::nullopt;
  std::vector<std::string> purposes = {};
  bool estimated = false;
  bool operator==(const DiskNeed&) const = default;
};

/// What a plan costs. Nothing stands for what is not known.
struct Price {
  std::optional<std::uint64_t> download_bytes = std::nullopt;
  std::optional<std::int64_t> disk_bytes = std::nullopt;  ///< more on disk afterwards, downloads left out
  std::vector<DownloadPrice> downloads = {};
  std::vector<DiskNeed> disk = {};
  std::vector<std::string> services = {};   ///< that restart
  bool login = false;                       ///< a new log-in before all of it has effect
  std::vector<std::string> estimates = {};  ///< what of it is estimated, in words
  bool operator==(const Price&) const = default;
};

/// A package index that a plan was made with.
struct IndexDigest {
  std::string file;  ///< apt's name for it
  std::string sha256;
  bool operator==(const IndexDigest&) const = default;
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
  bool tree = false;  ///< of a recorded host: a system tree that nobody runs
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
  Price price = {};
  std::vector<IndexDigest> indexes = {};
  bool operator==(const Plan&) const = default;

  std::size_t count(Action action) const;
  /// True when apply would have something to do, or a person has.
  bool pending() const;
};

Origin origin_of(const Span& where);

}  // namespace mlenv
