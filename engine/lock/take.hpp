#pragma once

#include <map>
#include <string>

#include "host/reader.hpp"
#include "lock/lock.hpp"
#include "plan/graph.hpp"
#include "plan/plan.hpp"
#include "resource/cache.hpp"

namespace mlenv {

/// What the versions of a class are taken from.
struct LockMaterial {
  const Graph& graph;
  const Facts& facts;
  const HostReader& host;
  ProbeCache& cache;
  const Plan& standing;  ///< for the host as it is, with what apt will do
  const Plan& fresh;     ///< as if its Python environments were not there, with what pip will do
  std::map<std::string, std::string> along = {};    ///< installed packages that came along, with versions
  std::map<std::string, std::string> origins = {};  ///< of installed packages, as apt has them
  std::vector<LockedIndex> indexes = {};
};

/// The declared and chosen packages of apt that stay as they are: the names whose origin is asked for.
std::vector<std::string> standing_packages(const Graph& graph, const Plan& standing);

/// All that the recipe leaves open, as it is for this host. Errors: `lock.class`; `lock.unknown`: what comes
/// cannot be told yet.
Result<LockedClass> take_class(const LockMaterial& material);

}  // namespace mlenv
