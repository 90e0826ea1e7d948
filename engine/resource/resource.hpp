#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "recipe/condition.hpp"
#include "resource/cache.hpp"
#include "resource/capability.hpp"
#include "resource/decision.hpp"

namespace mlenv {

enum class Presence { present, absent, latest };

/// What a probe may look at: the host, the facts, and what the plan so far will do to what this resource
/// needs.
struct ProbeScope {
  const HostReader& host;
  const Facts& facts;
  ProbeCache& cache;
  /// The action already decided for another resource, by address; none when it is not in the plan.
  std::function<Action(const std::string& address)> upstream = [](const std::string&) {
    return Action::none;
  };
  bool upgrade = false;  ///< `latest` is to be found out anew, not taken from what was found last
};

/// An address written under `needs`.
struct ExplicitNeed {
  Address address;
  Span where;
};

/// A declaration that its kind has understood. The typed spec stays inside; what the rest may know is here.
struct Resource {
  Address address;
  Span where;
  Presence state = Presence::present;
  std::vector<ExplicitNeed> needs;
  std::optional<Condition> when;
  std::vector<Offer> offers;
  std::vector<Want> wants;
  std::string chosen = {};       ///< why it is here though no line of the recipe names it; see Composite
  std::string locked_with = {};  ///< the address that brings it along, where a lock alone names it
  bool composite = false;        ///< it stands for what it has chosen, and has no state of its own
  std::vector<std::pair<std::string, std::string>> settled = {};  ///< see Expansion
  std::vector<std::string> fingerprints = {};  ///< of the keys by which a repository is trusted
  bool reboots = false;  ///< it is part of a driver: what it brings runs after the next boot
  std::function<Decision(const ProbeScope&)> decide;
  std::shared_ptr<const void> spec;
  bool (*same_spec)(const void*, const void*) = nullptr;

  /// Declared alike in everything but the place.
  bool same_as(const Resource& other) const {
    return address == other.address && same_spec == other.same_spec &&
           same_spec(spec.get(), other.spec.get());
  }
};

}  // namespace mlenv
