#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace mlenv {

/// What generation of instructions a card runs: 8.6 is major 8, minor 6.
struct ComputeCapability {
  int major_part = 0;
  int minor_part = 0;
  auto operator<=>(const ComputeCapability&) const = default;

  /// Reads `8.6`, `sm_86`, `86` (two or three digits, the last of which is the minor part).
  static std::optional<ComputeCapability> parse(std::string_view text);
  std::string str() const;

  /// Native code for sm_XY runs on the same major and the same or a higher minor version. Source: CUDA C++
  /// Programming Guide, binary compatibility.
  bool runs_native(const ComputeCapability& code) const {
    return code.major_part == major_part && code.minor_part <= minor_part;
  }
  /// PTX of compute_XY is compiled by the driver for everything that is not older. Source: as above, PTX
  /// compatibility.
  bool runs_ptx(const ComputeCapability& code) const { return code <= *this; }
};

}  // namespace mlenv
