#include "forecast/fetch_steps.hpp"

#include <algorithm>
#include <map>

#include "forecast/wheel_pool.hpp"

namespace mlenv {
namespace {

bool changes_host(const Step& step) { return !std::holds_alternative<RunCheck>(step); }

/// Shifts every step by one and puts this one first; those that `waits` names need it.
template <class Waits>
void put_first(Plan& plan, Step step, Waits waits) {
  PlannedStep first{1, std::move(step), {}, {}};
  std::vector<bool> served(plan.changes.size(), false);
  for (auto& planned : plan.steps) {
    ++planned.id;
    for (auto& need : planned.needs) ++need;
    if (!waits(planned.step)) continue;
    planned.needs.insert(planned.needs.begin(), 1);
    for (const auto change : planned.changes) served[change] = true;
  }
  for (auto& change : plan.changes) change.known_after += change.known_after == 0 ? 0 : 1;
  for (std::size_t i = 0; i < served.size(); ++i) {
    if (served[i]) first.changes.push_back(i);
  }
  plan.steps.insert(plan.steps.begin(), std::move(first));
}

FetchPackages packages_to_fetch(const Plan& plan, const AptForecast& apt) {
  FetchPackages step;
  for (const auto& planned : plan.steps) {
    if (const auto* repository = std::get_if<AddRepository>(&planned.step))
      step.repositories.push_back(*repository);
    if (const auto* transaction = std::get_if<AptTransaction>(&planned.step)) {
      if (!transaction->install.empty() || !transaction->remove.empty())
        step.transactions.push_back(*transaction);
    }
  }
  for (const auto& uri : apt.downloads) {
    if (!uri.uri.starts_with("file:")) step.bytes += uri.bytes;
  }
  return step;
}

/// By the folder that they go to.
std::map<std::string, FetchWheels> wheels_to_fetch(const PipForecast& pip, const PythonCaches& caches,
                                                   const HostReader& host) {
  std::map<std::string, FetchWheels> steps;
  for (const auto& each : pip.wheels) {
    const auto& pool = caches.of(each.privilege).wheels;
    if (is_pooled(host, pool, each.wheel)) continue;
    auto& step = steps[pool.path];
    step.privilege = pool.privilege;
    const bool listed = std::any_of(step.wheels.begin(), step.wheels.end(), [&](const Wheel& wheel) {
      return wheel_folder(pool, wheel) == wheel_folder(pool, each.wheel);
    });
    if (listed) continue;
    step.wheels.push_back(each.wheel);
    step.bytes += each.weight.bytes.value_or(0);
  }
  return steps;
}

}  // namespace

void add_fetch_steps(Plan& plan, const AptForecast& apt, const PipForecast& pip, const PythonCaches& caches,
                     const HostReader& host) {
  const auto later = [](const Step& step) {
    return changes_host(step) && !std::holds_alternative<FetchWheels>(step);
  };
  for (auto& [pool, wheels] : wheels_to_fetch(pip, caches, host)) put_first(plan, std::move(wheels), later);
  auto packages = packages_to_fetch(plan, apt);
  if (!packages.repositories.empty() || !packages.transactions.empty())
    put_first(plan, std::move(packages), later);
}

void add_index_update(Plan& plan) {
  const bool there = std::any_of(plan.steps.begin(), plan.steps.end(), [](const PlannedStep& step) {
    return std::holds_alternative<UpdateIndex>(step.step);
  });
  if (there) return;
  put_first(plan, UpdateIndex{}, [](const Step& step) {
    return std::holds_alternative<AptTransaction>(step) || std::holds_alternative<AddRepository>(step);
  });
}

}  // namespace mlenv
