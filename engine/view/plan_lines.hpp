#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "view/style.hpp"

namespace mlenv {

using Json = nlohmann::ordered_json;

// A plan's document may come from a file that somebody edited: what is missing or of another type counts as
// null.

/// The value under a key; null where there is none.
const Json& at(const Json& object, const char* key);
/// A value as text that is safe to print; nothing for null.
std::string words_of(const Json& value);
/// Both.
std::string text_at(const Json& object, const char* key);

/// One change of a plan: its mark, address, reason, and each attribute as `old -> new`. Nothing for a
/// resource that stays as it is.
std::string change_lines(const Json& change, const Style& style);
/// `begin  (reason)`, the reason on lines of its own where the width asks for it. `taken` are the columns of
/// `begin`, which may be painted.
std::string with_reason(const std::string& begin, std::size_t taken, const std::string& reason,
                        const Style& style);

}  // namespace mlenv
