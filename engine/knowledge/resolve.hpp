#pragma once

#include "knowledge/knowledge.hpp"
#include "knowledge/question.hpp"

namespace mlenv {

/// The newest choice that fits all that is given; or what collides, with the nearest ways out; or that it is
/// beyond the tables. Every fact used is named with its source.
Resolution resolve(const Knowledge& knowledge, const Question& question);

}  // namespace mlenv
