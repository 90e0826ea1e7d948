#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mlenv {

/// The bytes in base64 with padding, on one line (RFC 4648, section 4).
std::string to_base64(std::string_view bytes);
/// The bytes again; nothing when the text is not base64 with padding.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace mlenv
