#pragma once

#include <cstdint>
#include <optional>

#include "forecast/shadow_apt.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// What one wheel weighs.
struct WheelWeight {
  std::optional<std::uint64_t> bytes;     ///< of the file
  std::optional<std::uint64_t> unpacked;  ///< with what pip compiles, where it does
  bool estimated = false;                 ///< the unpacked size
};

/// Whether what is unpacked is compiled too.
enum class Compiling { none, all };

/// By the file where the pool has it, else by what the server says of it and by the directory at its end;
/// without either it unpacks to about three times its size.
WheelWeight weight_of(const Wheel& wheel, const HostReader& host, HostWriter& writer, const CacheFolder& pool,
                      bool offline, Compiling compiling);

}  // namespace mlenv
