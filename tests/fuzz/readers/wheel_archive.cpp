#include "forecast/wheel_archive.hpp"

#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

/// The end of a file that is said to be a wheel, whole and as a server's last bytes.
void wheel_archive(std::string_view input) {
  for (const std::uint64_t before : {std::uint64_t{0}, std::uint64_t{1000}, std::uint64_t{1} << 33U}) {
    const auto size = before + input.size();
    const auto start = directory_start(input, size);
    hold(!start || *start < size, "the directory is in the file");
    const auto contents = read_wheel_directory(input, size);
    hold(!contents || start, "what has no directory has no contents");
    if (contents) hold(contents->files <= input.size() / 46, "each file has its entry");
  }
  const auto metadata = wheel_metadata(input);
  hold(!metadata || read_wheel_directory(input, input.size()), "what has no directory has no metadata");
}

}  // namespace mlenv::fuzz
