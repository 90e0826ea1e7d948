#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "host/reader.hpp"

namespace mlenv {

/// A file as it was when it was opened: bytes and attributes of one and the same, whatever happens to its
/// name meanwhile.
struct OpenedFile {
  std::string bytes;
  FileStat stat;
  bool group_is_private = false;  ///< nobody but its owner can write it by being in its group
};

/// Opens and reads an ordinary file of this machine; nothing else is waited for or set off (a FIFO, a
/// device). Errors: `host.not-found`, `host.not-a-file`, `host.too-large`, those of reading.
Result<OpenedFile> read_opened(const std::string& path, std::uint64_t limit);

}  // namespace mlenv
