#pragma once

#include <vector>

#include "resource/kind.hpp"

namespace mlenv {

/// The fields that every kind has, with the states of this one: state, needs, when, id.
std::vector<Field> common_fields(const Kind& kind);

}  // namespace mlenv
