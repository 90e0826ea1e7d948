#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace mlenv {

/// JSON that somebody else may have written; discarded (`is_discarded()`) when it is none. So is what is
/// nested deeper than a hundred levels or has an object of more than 50 000 members: copying and printing the
/// one takes a stack without bound, reading the other a time that grows with the square.
nlohmann::ordered_json parse_json(std::string_view text);

}  // namespace mlenv
