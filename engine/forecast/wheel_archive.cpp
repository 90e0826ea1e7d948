#include "forecast/wheel_archive.hpp"

#include <string>

namespace mlenv {
namespace {

constexpr std::string_view end_mark("PK\x05\x06", 4), end64_mark("PK\x06\x06", 4),
    entry_mark("PK\x01\x02", 4);
constexpr std::size_t end_size = 22, entry_size = 46, end64_size = 56;

/// A little-endian number of `count` bytes.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// The size of a file of more than 4 GiB stands in an extra field with the id 1.
std::uint64_t large_size(std::string_view extra) {
  for (std::size_t at = 0; at + 12 <= extra.size(); at += 4 + number_at(extra, at + 2, 2)) {
    if (number_at(extra, at, 2) == 1) return number_at(extra, at + 4, 8);
  }
  return 0;
}

}  // namespace

std::optional<std::uint64_t> directory_start(std::string_view tail, std::uint64_t size) {
  const auto end = tail.rfind(end_mark);
  if (end == std::string_view::npos || end + end_size > tail.size() || tail.size() > size)
    return std::nullopt;
  const auto start = number_at(tail, end + 16, 4);
  if (start != 0xFFFFFFFFU) return start < size ? std::optional(start) : std::nullopt;
  const auto end64 = tail.rfind(end64_mark, end);
  if (end64 == std::string_view::npos || end64 + end64_size > tail.size()) return std::nullopt;
  const auto large = number_at(tail, end64 + 48, 8);
  return large < size ? std::optional(large) : std::nullopt;
}

std::optional<WheelContents> read_wheel_directory(std::string_view tail, std::uint64_t size) {
  const auto start = directory_start(tail, size);
  const auto tail_begin = size - tail.size();
  if (!start || *start < tail_begin) return std::nullopt;
  WheelContents contents;
  for (std::size_t at = static_cast<std::size_t>(*start - tail_begin);
       at + entry_size <= tail.size() && tail.substr(at, 4) == entry_mark;) {
    const auto name_size = number_at(tail, at + 28, 2), extra_size = number_at(tail, at + 30, 2);
    const auto comment_size = number_at(tail, at + 32, 2);
    if (at + entry_size + name_size + extra_size > tail.size()) return std::nullopt;
    const auto name = tail.substr(at + entry_size, name_size);
    auto bytes = number_at(tail, at + 24, 4);
    if (bytes == 0xFFFFFFFFU) bytes = large_size(tail.substr(at + entry_size + name_size, extra_size));
    contents.bytes += bytes;
    contents.files += name.ends_with("/") ? 0 : 1;
    if (name.ends_with(".py")) {
      contents.python_bytes += bytes;
      ++contents.python_files;
    }
    at += entry_size + name_size + extra_size + comment_size;
  }
  return contents;
}

}  // namespace mlenv
