#include "forecast/wheel_weight.hpp"

#include "forecast/wheel_archive.hpp"
#include "forecast/wheel_pool.hpp"

namespace mlenv {

WheelWeight weight_of(const Wheel& wheel, const HostReader& host, HostWriter& writer, const CacheFolder& pool,
                      bool offline, Compiling compiling) {
  // Measured over numpy, pandas, matplotlib and what they need (Python 3.11, ext4's blocks of 4 KiB):
  // compiled files are 11/8 of their sources, and every file wastes half a block.
  const auto on_disk = [compiling](const WheelContents& contents) {
    constexpr std::uint64_t half_block = 2048;
    const auto unpacked = contents.bytes + contents.files * half_block;
    if (compiling == Compiling::none) return unpacked;
    return unpacked + contents.python_bytes * 11 / 8 + contents.python_files * half_block;
  };
  constexpr std::uint64_t first_look = std::uint64_t{64} * 1024, unpacks_to = 3;
  WheelWeight weight;
  if (is_pooled(host, pool, wheel)) {
    const auto file = host.read_file(wheel_folder(pool, wheel) + "/" + wheel.file);
    const auto stat = host.stat(wheel_folder(pool, wheel) + "/" + wheel.file, Links::follow);
    if (stat && *stat) weight.bytes = (*stat)->size;
    const auto contents = file && *file ? read_wheel_directory(**file, (*file)->size()) : std::nullopt;
    if (contents) weight.unpacked = on_disk(*contents);
  } else if (!offline) {
    auto tail = writer.fetch_tail(wheel.url, first_look);
    if (tail && tail->size > 0) {
      weight.bytes = tail->size;
      const auto start = directory_start(tail->bytes, tail->size);
      constexpr std::uint64_t longest = std::uint64_t{8} * 1024 * 1024;
      if (start && tail->size - *start > tail->bytes.size() && tail->size - *start < longest)
        tail = writer.fetch_tail(wheel.url, tail->size - *start);
      const auto contents = tail ? read_wheel_directory(tail->bytes, tail->size) : std::nullopt;
      if (contents) weight.unpacked = on_disk(*contents);
    }
  }
  if (!weight.unpacked && weight.bytes) {
    weight.unpacked = *weight.bytes * unpacks_to;
    weight.estimated = true;
  }
  return weight;
}

}  // namespace mlenv
