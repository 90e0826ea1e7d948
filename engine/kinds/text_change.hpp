#pragma once

#include <string>
#include <vector>

namespace mlenv {

/// The text of a file before and after a change; empty for none.
struct TextChange {
  std::string path;
  std::string before;
  std::string after;
  bool from_environment = false;     ///< the new text holds values of the environment
  std::vector<unsigned> modes = {};  ///< that the file has or is to have
};

/// The change as a diff, or one line that says why it is not shown; nothing for bytes that are no text.
std::string shown_change(const TextChange& change);

/// `sha256:0123456789ab (12 bytes)`, for differences.
std::string content_digest(const std::string& bytes);

}  // namespace mlenv
