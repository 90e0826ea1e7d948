#include "forecast/part_from_builders.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

namespace mlenv {
namespace {

/// `python3.11-minimal`, `libpython3-stdlib`, `python3`: what a running Python is made of, and not its
/// headers.
bool is_python(std::string_view package) {
  if (package.starts_with("lib")) package.remove_prefix(3);
  if (!package.starts_with("python3")) return false;
  package.remove_prefix(std::min(package.find('-'), package.size()));
  static constexpr std::string_view parts[] = {"", "-minimal", "-stdlib", "-distutils", "-lib2to3", "-venv"};
  return std::find(std::begin(parts), std::end(parts), package) != std::end(parts);
}

class Parting {
 public:
  explicit Parting(Plan& plan) : plan_(plan), steps_of_(plan.changes.size()) {
    for (std::size_t i = 0; i < plan.changes.size(); ++i)
      by_address_.emplace(plan.changes[i].address.str(), i);
    for (const auto& step : plan.steps) {
      for (const auto change : step.changes) steps_of_[change].push_back(step.id);
    }
  }

  void run() {
    for (auto& step : plan_.steps) {
      const auto* call = std::get_if<PipInstall>(&step.step);
      if (call != nullptr && !call->prefix.empty() && !call->expected.empty()) part(step);
    }
  }

 private:
  void part(PlannedStep& step) const {
    const auto kept = waited_for(step);
    std::erase_if(step.needs, [&](int need) { return kept.count(need) == 0 && is_beside(step_of(need)); });
  }

  /// The nearest steps of all that a step's changes need, but for what they would need to compile.
  std::set<int> waited_for(const PlannedStep& step) const {
    std::set<int> found;
    std::set<std::size_t> seen(step.changes.begin(), step.changes.end());
    std::vector<std::size_t> open;
    const auto follow = [&](const Address& need) {
      const auto target = by_address_.find(need.str());
      if (target == by_address_.end() || !seen.insert(target->second).second) return;
      const auto& steps = steps_of_[target->second];
      found.insert(steps.begin(), steps.end());
      if (steps.empty()) open.push_back(target->second);  // it passes on what it waits for
    };
    for (const auto own : step.changes) {
      const auto& change = plan_.changes[own];
      for (const auto& need : change.needs) {
        if (std::find(change.to_build.begin(), change.to_build.end(), need) == change.to_build.end())
          follow(need);
      }
    }
    while (!open.empty()) {
      const auto& change = plan_.changes[open.back()];
      open.pop_back();
      for (const auto& need : change.needs) follow(need);
    }
    return found;
  }

  const PlannedStep& step_of(int id) const {
    return *std::find_if(plan_.steps.begin(), plan_.steps.end(),
                         [id](const PlannedStep& step) { return step.id == id; });
  }

  /// A transaction that leaves the Python alone that runs meanwhile.
  static bool is_beside(const PlannedStep& step) {
    const auto* transaction = std::get_if<AptTransaction>(&step.step);
    return transaction != nullptr && !transaction->expected.empty() &&
           std::none_of(transaction->expected.begin(), transaction->expected.end(),
                        [](const AptEffect& effect) { return is_python(effect.name); });
  }

  Plan& plan_;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::vector<std::vector<int>> steps_of_;
};

}  // namespace

void part_from_builders(Plan& plan) { Parting(plan).run(); }

}  // namespace mlenv
