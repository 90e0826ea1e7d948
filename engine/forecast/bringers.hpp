#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mlenv {

/// A package among those that come together.
struct BroughtPackage {
  std::vector<std::string> names;   ///< its own, and what it stands for (Provides)
  std::vector<std::string> brings;  ///< names that its dependencies mention
};

/// Says which of several resources brings each package: the first that names it, or from whose packages
/// dependencies lead there.
class Bringers {
 public:
  explicit Bringers(std::vector<BroughtPackage> packages);
  /// In the recipe's order: what an earlier one has claimed stays its own.
  void claim(std::size_t resource, const std::string& name);
  std::optional<std::size_t> owner(std::size_t package) const { return owners_[package]; }

 private:
  std::vector<BroughtPackage> packages_;
  std::map<std::string, std::vector<std::size_t>> places_;
  std::vector<std::optional<std::size_t>> owners_;
};

}  // namespace mlenv
