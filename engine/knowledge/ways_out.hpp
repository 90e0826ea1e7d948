#pragma once

#include <vector>

#include "knowledge/fit.hpp"

namespace mlenv {

/// What collides in the candidate that comes nearest, each with what else could be taken. `judged` are all
/// candidates of the question, the best first.
std::vector<Conflict> conflicts_of(const Knowledge& knowledge, const Question& question,
                                   const std::vector<ResolvedGpu>& gpus, const std::vector<Judged>& judged);

/// The candidate with the fewest aspects that do not fit; null when there is none.
const Judged* nearest_of(const std::vector<Judged>& judged);

}  // namespace mlenv
