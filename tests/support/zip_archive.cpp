#include "support/zip_archive.hpp"

namespace mlenv {

std::string little_endian(std::uint64_t value, int bytes) {
  std::string written;
  for (int i = 0; i < bytes; ++i) written += static_cast<char>(value >> (8 * i) & 0xFFU);
  return written;
}

std::string zip_archive(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string archive, directory;
  for (const auto& [name, contents] : files) {
    const auto size = little_endian(contents.size(), 4);
    const auto common =
        little_endian(20, 2) + std::string(12, '\0') + size + size + little_endian(name.size(), 2);
    directory += "PK\x01\x02" + little_endian(20, 2) + common + std::string(12, '\0') +
                 little_endian(archive.size(), 4) + name;
    archive += "PK\x03\x04" + common + std::string(2, '\0') + name + contents;
  }
  const auto count = little_endian(files.size(), 2);
  return archive + directory + "PK\x05\x06" + std::string(4, '\0') + count + count +
         little_endian(directory.size(), 4) + little_endian(archive.size(), 4) + std::string(2, '\0');
}

}  // namespace mlenv
