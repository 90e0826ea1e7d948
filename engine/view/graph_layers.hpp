#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "view/graph_edges.hpp"

namespace mlenv {

/// A place in a layer: a node's, or one where an edge passes between the nodes on its way to a farther layer.
struct Slot {
  std::size_t layer = 0;
  std::optional<std::size_t> node;
  std::vector<std::size_t> before;  ///< slots of the layer before that it is joined to
  std::vector<std::size_t> after;   ///< slots of the next layer
};

/// An edge with the slots that it passes through, from what needs to what is needed.
struct Route {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<std::size_t> bends;
};

/// A graph in layers: what is needed stands in an earlier layer than what needs it, each layer in an order
/// with few crossings.
struct Layers {
  std::vector<Slot> slots;                     ///< the nodes' first, in their order
  std::vector<std::vector<std::size_t>> rows;  ///< slots by layer
  std::vector<Route> routes;
};

/// The layer of each node of a graph without cycles. A node stands as near to what needs it as its own needs
/// allow where that makes edges shorter.
std::vector<std::size_t> layer_numbers(const Edges& needs);

/// The layers of a graph without cycles.
Layers in_layers(const Edges& needs);

/// How many edges cross between neighbouring layers.
std::size_t crossings(const Layers& layers);

}  // namespace mlenv
