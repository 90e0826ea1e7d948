#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kinds/composite.hpp"

namespace mlenv {

/// What a recipe asks of the driver.
struct DriverWish {
  std::string version;           ///< a branch, or auto
  std::string source = "auto";   ///< auto, nvidia, distribution
  std::string flavour = "auto";  ///< auto, open, proprietary
  bool guard = false;
  bool operator==(const DriverWish&) const = default;
};

/// The packages by which a driver comes.
struct DriverPackages {
  std::string branch;
  bool from_nvidia = false;
  bool open = false;            ///< open kernel modules
  bool signed_modules = false;  ///< built and signed by the distribution
  std::vector<std::string> packages;
  std::vector<std::string> headers;  ///< what DKMS builds against
  std::vector<std::string> guarded;  ///< what must stay of its version
  bool installed = false;            ///< this branch is there already
  std::string because;               ///< one sentence for people
};

/// The driver for this host's cards. Errors: `driver.unknown-card` (not in the tables); `driver`: none fits,
/// with what there is as the hint.
Result<DriverPackages> choose_driver_packages(const DriverWish& wish, const Composition& composition);

}  // namespace mlenv
