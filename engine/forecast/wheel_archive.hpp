#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mlenv {

/// What a wheel unpacks to, by the central directory at its end.
struct WheelContents {
  std::uint64_t bytes = 0;         ///< of all files
  std::uint64_t python_bytes = 0;  ///< of these, in `.py` files, which pip compiles
  std::uint64_t files = 0;
  std::uint64_t python_files = 0;
  bool operator==(const WheelContents&) const = default;
};

/// Where in the file the central directory begins, by the last bytes of a file of `size` bytes; nothing when
/// they are not the end of a ZIP archive. Format: PKWARE's APPNOTE, 4.3.14 to 4.3.16.
std::optional<std::uint64_t> directory_start(std::string_view tail, std::uint64_t size);

/// Reads the central directory; nothing when the tail does not hold all of it.
std::optional<WheelContents> read_wheel_directory(std::string_view tail, std::uint64_t size);

/// What a whole wheel's `NAME-VERSION.dist-info/METADATA` holds; nothing where there is not just one, or it
/// cannot be unpacked.
std::optional<std::string> wheel_metadata(std::string_view archive);

}  // namespace mlenv
