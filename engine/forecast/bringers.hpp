#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "resource/decision.hpp"

namespace mlenv {

/// A package among those that come together.
struct BroughtPackage {
  std::vector<std::string> names;   ///< its own, and what it stands for (Provides)
  std::vector<std::string> brings;  ///< names that its dependencies mention
};

/// Says which of several resources brings each package: the first that names it, or else the first from whose
/// packages dependencies lead there.
class Bringers {
 public:
  explicit Bringers(std::vector<BroughtPackage> packages);
  /// In the recipe's order.
  void claim(std::size_t resource, const std::string& name);
  /// When all have claimed what they name.
  void spread();
  std::optional<std::size_t> owner(std::size_t package) const { return owners_[package]; }

 private:
  std::vector<BroughtPackage> packages_;
  std::map<std::string, std::vector<std::size_t>> places_;
  std::vector<std::optional<std::size_t>> owners_;
  std::vector<std::size_t> claimed_;
};

/// Writes the version that was found out over `newest`, `any` or a comparison.
void settle_version(Decision& decision, const std::string& version);

}  // namespace mlenv
