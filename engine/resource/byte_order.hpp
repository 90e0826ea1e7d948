#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mlenv {

/// A number of `width` bytes at a place, most significant byte first; nothing where the text ends before.
inline std::optional<std::uint64_t> big_endian(std::string_view text, std::size_t at, std::size_t width) {
  if (at > text.size() || text.size() - at < width) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i) number = (number << 8U) | static_cast<unsigned char>(text[at + i]);
  return number;
}

/// Likewise, least significant byte first.
inline std::optional<std::uint64_t> little_endian(std::string_view text, std::size_t at, std::size_t width) {
  if (at > text.size() || text.size() - at < width) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t i = width; i > 0; --i)
    number = (number << 8U) | static_cast<unsigned char>(text[at + i - 1]);
  return number;
}

}  // namespace mlenv
