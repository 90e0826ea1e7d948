#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.hpp"
#include "host/descriptor.hpp"
#include "host/reader.hpp"

namespace mlenv {

/// A folder, held open, and the name of an entry in it (which may not be there). What is done to the entry
/// goes through the handle, so nobody can swap the folder in between.
struct Place {
  Descriptor folder;
  std::string name;
  std::string path;  ///< for messages
};

/// How a path is walked. Links are followed inside `root` only, and only those of root or of `trusted`; with
/// `anyone` (reading) those of all.
struct Walk {
  std::string root = "/";
  uid_t trusted = 0;
  bool anyone = false;
  std::optional<mode_t> make_parents = std::nullopt;  ///< missing folders on the way are made with this mode
  int root_folder = -1;  ///< `root`, held open, for an account that could not get there itself
};

/// Walks to the last folder of an absolute path, component by component, no link followed by the kernel.
/// `last` says what happens to a link at the end. Errors: `host.not-found`, `host.planted-link`,
/// `host.denied`, `host.failed`.
Result<Place> open_place(const Walk& walk, const std::string& path, Links last);

/// The error for errno, `cannot WHAT PATH: …`, with a stable code.
Error system_error(const std::string& what, const std::string& path, int reason);

}  // namespace mlenv
