#pragma once

#include <cstddef>
#include <vector>

#include "view/graph_edges.hpp"

namespace mlenv {

/// A point of a drawing, in pixels from its top left corner.
struct Point {
  long x = 0;
  long y = 0;
  bool operator==(const Point&) const = default;
};

/// Where a node is drawn.
struct Box {
  long x = 0;
  long y = 0;
  long width = 0;
  long height = 0;
  bool operator==(const Box&) const = default;
};

/// How an edge is drawn: from the left side of what needs to the right side of what is needed. Every second
/// pair of points is a level piece past the nodes of a layer between.
struct Line {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<Point> points;
  bool operator==(const Line&) const = default;
};

/// A graph drawn: what is needed stands left of what needs it.
struct Drawing {
  std::vector<Box> boxes;  ///< of the nodes, in their order
  std::vector<Line> lines;
  long width = 0;
  long height = 0;
  bool operator==(const Drawing&) const = default;
};

/// Draws a graph without cycles whose nodes are that wide. Parts that nothing joins stand beside and below
/// each other, nodes without any edge in a table at the end.
Drawing draw_graph(const Edges& needs, const std::vector<long>& widths);

}  // namespace mlenv
