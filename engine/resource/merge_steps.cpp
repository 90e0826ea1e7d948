#include "resource/merge_steps.hpp"

#include <algorithm>
#include <unordered_set>

namespace mlenv {
namespace {

std::string identity(const std::string& word) { return word; }
std::string identity(const BlockEntry& entry) { return entry.key + '\0' + entry.text; }
std::string identity(const RpmItem& item) { return item.name + '\0' + item.version; }
std::string identity(const AptItem& item) { return item.name + '\0' + item.version + '\0' + item.constraint; }

/// The lists of all steps behind each other, without repeats.
template <class S, class T>
std::vector<T> joined(const std::vector<const S*>& steps, std::vector<T> S::*list) {
  std::vector<T> all;
  std::unordered_set<std::string> seen;
  for (const auto* step : steps) {
    for (const auto& each : step->*list) {
      if (seen.insert(identity(each)).second) all.push_back(each);
    }
  }
  return all;
}

template <class S>
bool any(const std::vector<const S*>& steps, bool S::*flag) {
  return std::any_of(steps.begin(), steps.end(), [&](const S* step) { return step->*flag; });
}

EditBlock merged(const std::vector<const EditBlock*>& steps) {
  auto made = *steps.front();
  made.set = joined(steps, &EditBlock::set);
  made.remove = joined(steps, &EditBlock::remove);
  return made;
}

AptTransaction merged(const std::vector<const AptTransaction*>& steps) {
  auto made = *steps.front();
  made.install = joined(steps, &AptTransaction::install);
  made.remove = joined(steps, &AptTransaction::remove);
  made.hold = joined(steps, &AptTransaction::hold);
  made.unhold = joined(steps, &AptTransaction::unhold);
  made.allow_downgrades = any(steps, &AptTransaction::allow_downgrades);
  made.configure_first = any(steps, &AptTransaction::configure_first);
  return made;
}

RpmTransaction merged(const std::vector<const RpmTransaction*>& steps) {
  auto made = *steps.front();
  made.packages = joined(steps, &RpmTransaction::packages);
  return made;
}

PipInstall merged(const std::vector<const PipInstall*>& steps) {
  auto made = *steps.front();
  made.requirements = joined(steps, &PipInstall::requirements);
  made.upgrade = joined(steps, &PipInstall::upgrade);
  made.keep = joined(steps, &PipInstall::keep);
  return made;
}

PipUninstall merged(const std::vector<const PipUninstall*>& steps) {
  auto made = *steps.front();
  made.names = joined(steps, &PipUninstall::names);
  return made;
}

/// Kinds that give no merge key of their own but say the same twice (two repositories, one index).
template <class Same>
Same merged(const std::vector<const Same*>& steps) {
  return *steps.front();
}

}  // namespace

Step merge_all_steps(const std::vector<const Step*>& steps) {
  return std::visit(
      [&](const auto& one) -> Step {
        using Same = std::decay_t<decltype(one)>;
        std::vector<const Same*> alike;
        for (const auto* step : steps) {
          if (const auto* same = std::get_if<Same>(step)) alike.push_back(same);
        }
        return merged(alike);
      },
      *steps.front());
}

Step merge_steps(const Step& first, const Step& second) { return merge_all_steps({&first, &second}); }

}  // namespace mlenv
