#pragma once

#include <vector>

namespace mlenv {

/// Places as near to the wishes as can be (least squares, weighted) that keep their order and at least the
/// given distance to the one before.
std::vector<double> levelled_places(const std::vector<double>& wishes, const std::vector<double>& distances,
                                    const std::vector<double>& weights);

}  // namespace mlenv
