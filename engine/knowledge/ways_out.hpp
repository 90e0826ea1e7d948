#pragma once

#include <vector>

#include "knowledge/fit.hpp"

namespace mlenv {

/// What collides in the candidate that comes nearest, each with what else could be taken. `judged` are all
/// candidates of the question, the best first.
std::vector<Conflict> conflicts_of(const Knowledge& knowledge, const Question& question,
                                   const std::vector<ResolvedGpu>& gpus, const std::vector<Judged>& judged);

/// The nearest changes to the question that have an answer, in words; the best first.
std::vector<std::string> ways_out(const Knowledge& knowledge, const Question& question,
                                  const std::vector<ResolvedGpu>& gpus, const std::vector<Judged>& judged);

/// The candidate that comes nearest to what is asked; null when there is none.
const Judged* nearest_of(const Question& question, const std::vector<Judged>& judged);

}  // namespace mlenv
