#include "forecast/wheel_archive.hpp"

#include <zlib.h>

#include <functional>
#include <string>

namespace mlenv {
namespace {

constexpr std::string_view end_mark("PK\x05\x06", 4), end64_mark("PK\x06\x06", 4),
    entry_mark("PK\x01\x02", 4), header_mark("PK\x03\x04", 4);
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

namespace {

/// One file of an archive, as the central directory has it.
struct ArchiveEntry {
  std::string_view name;
  std::uint64_t bytes = 0;
  std::uint64_t packed = 0;  ///< bytes in the archive
  std::uint64_t header = 0;  ///< where its own header stands
  std::uint64_t method = 0;  ///< 0: stored, 8: deflated
};

/// Visits the entries of the directory at the end of a file of `size` bytes; false when the tail does not
/// hold all of it.
bool visit_entries(std::string_view tail, std::uint64_t size,
                   const std::function<void(const ArchiveEntry&)>& visit) {
  const auto start = directory_start(tail, size);
  const auto tail_begin = size - tail.size();
  if (!start || *start < tail_begin) return false;
  for (std::size_t at = static_cast<std::size_t>(*start - tail_begin);
       at + entry_size <= tail.size() && tail.substr(at, 4) == entry_mark;) {
    const auto name_size = number_at(tail, at + 28, 2), extra_size = number_at(tail, at + 30, 2);
    const auto comment_size = number_at(tail, at + 32, 2);
    if (at + entry_size + name_size + extra_size > tail.size()) return false;
    ArchiveEntry entry{tail.substr(at + entry_size, name_size), number_at(tail, at + 24, 4),
                       number_at(tail, at + 20, 4), number_at(tail, at + 42, 4), number_at(tail, at + 10, 2)};
    if (entry.bytes == 0xFFFFFFFFU)
      entry.bytes = large_size(tail.substr(at + entry_size + name_size, extra_size));
    visit(entry);
    at += entry_size + name_size + extra_size + comment_size;
  }
  return true;
}

/// The contents of an entry of a whole archive.
std::optional<std::string> unpacked(std::string_view archive, const ArchiveEntry& entry) {
  constexpr std::uint64_t longest = std::uint64_t{16} * 1024 * 1024, header_size = 30;
  if (entry.bytes > longest || entry.header + header_size > archive.size() ||
      archive.substr(entry.header, 4) != header_mark)
    return std::nullopt;
  const auto begin = entry.header + header_size + number_at(archive, entry.header + 26, 2) +
                     number_at(archive, entry.header + 28, 2);
  if (begin > archive.size() || entry.packed > archive.size() - begin) return std::nullopt;
  const auto packed = archive.substr(begin, entry.packed);
  if (entry.method == 0)
    return packed.size() == entry.bytes ? std::optional(std::string(packed)) : std::nullopt;
  if (entry.method != 8) return std::nullopt;
  std::string text(entry.bytes, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return std::nullopt;
  // zlib does not write to its input, but older ones take it as if they did.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return whole ? std::optional(std::move(text)) : std::nullopt;
}

bool is_metadata(std::string_view name) {
  constexpr std::string_view ending = ".dist-info/METADATA";
  return name.ends_with(ending) && name.find('/') == name.size() - ending.size() + ending.find('/');
}

}  // namespace

std::optional<WheelContents> read_wheel_directory(std::string_view tail, std::uint64_t size) {
  WheelContents contents;
  const bool whole = visit_entries(tail, size, [&](const ArchiveEntry& entry) {
    contents.bytes += entry.bytes;
    contents.files += entry.name.ends_with("/") ? 0 : 1;
    if (!entry.name.ends_with(".py")) return;
    contents.python_bytes += entry.bytes;
    ++contents.python_files;
  });
  return whole ? std::optional(contents) : std::nullopt;
}

std::optional<std::string> wheel_metadata(std::string_view archive) {
  std::optional<ArchiveEntry> found;
  bool several = false;
  const bool whole = visit_entries(archive, archive.size(), [&](const ArchiveEntry& entry) {
    if (!is_metadata(entry.name)) return;
    several = several || found;
    found = entry;
  });
  return whole && found && !several ? unpacked(archive, *found) : std::nullopt;
}

}  // namespace mlenv
