#pragma once

#include <string>
#include <string_view>

namespace mlenv {

/// One line of a comment, whatever the text holds.
std::string shell_comment(std::string_view text);

/// A command line whose standard input is these bytes: as a here-document where they are text, else (and
/// where a person could not tell what they are) in base64.
std::string fed(const std::string& command, const std::string& bytes);

}  // namespace mlenv
