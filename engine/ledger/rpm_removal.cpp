#include "ledger/rpm_removal.hpp"

namespace mlenv {

std::map<std::string, std::string> kept_rpm_packages(const RpmPackages& packages,
                                                     std::set<std::string> candidates) {
  std::map<std::string, std::string> kept;
  // One that stays may keep others, which it needs itself.
  for (bool again = true; again;) {
    again = false;
    for (const auto& name : std::set<std::string>(candidates)) {
      const auto by = packages.needed_by(name, candidates);
      if (!by) continue;
      kept.emplace(name, *by);
      candidates.erase(name);
      again = true;
    }
  }
  return kept;
}

}  // namespace mlenv
