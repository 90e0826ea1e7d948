#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// The block `# >>> mlenvctl NAME >>>` of a text file: mlenvctl's own lines in a file that is somebody
/// else's.
struct FencedBlock {
  std::vector<BlockEntry> entries;
  std::size_t begin = 0;    ///< offset of its first byte
  std::size_t end = 0;      ///< behind its last line's end
  bool made_file = false;   ///< there was no file before it
  bool ended_line = false;  ///< the line above had no end before it
};

/// The block of that name; nothing when there is none. Errors: `block.broken` when its lines do not fit
/// together.
Result<std::optional<FencedBlock>> find_block(std::string_view text, const std::string& name);

/// The file after the edit (`text` is nothing when there is no file); nothing when it is to go. Every byte
/// outside the block stays, and when the last entry goes the file is again what it was before the first came.
Result<std::optional<std::string>> edit_block(const std::optional<std::string>& text, const EditBlock& edit);

}  // namespace mlenv
