#include "view/graph_layout.hpp"

#include <algorithm>
#include <cmath>

#include "view/graph_layers.hpp"
#include "view/levelled.hpp"

namespace mlenv {
namespace {

constexpr long box_height = 24;
constexpr long bend_height = 10;
constexpr long row_gap = 7;
constexpr long column_gap = 46;
constexpr long part_gap = 30;
constexpr long narrowest_page = 900;  // parts stand beside each other up to here at least
constexpr double page_shape = 1.6;    // width to height that a page of many parts comes near
constexpr int sweeps = 8;

/// A part of the graph that hangs together, its nodes numbered anew.
struct Part {
  std::vector<std::size_t> nodes;
  Edges needs;
};

std::vector<Part> parts_of(const Edges& needs) {
  const auto needed_by = reversed_edges(needs);
  std::vector<std::size_t> number(needs.size());
  std::vector<bool> seen(needs.size(), false);
  std::vector<Part> parts;
  for (std::size_t start = 0; start < needs.size(); ++start) {
    if (seen[start]) continue;
    Part part{{start}, {}};
    seen[start] = true;
    for (std::size_t next = 0; next < part.nodes.size(); ++next) {
      const auto self = part.nodes[next];
      for (const auto* edges : {&needs[self], &needed_by[self]}) {
        for (const auto other : *edges) {
          if (!seen[other]) part.nodes.push_back(other);
          seen[other] = true;
        }
      }
    }
    std::sort(part.nodes.begin(), part.nodes.end());
    for (std::size_t i = 0; i < part.nodes.size(); ++i) number[part.nodes[i]] = i;
    for (const auto node : part.nodes) {
      part.needs.emplace_back();
      for (const auto need : needs[node]) part.needs.back().push_back(number[need]);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

long height_of(const Slot& slot) { return slot.node ? box_height : bend_height; }

/// Where each slot would like its middle to be: level with its neighbours, else where it is.
double wish(const std::vector<double>& middle, const Slot& slot, std::size_t self, int sweep) {
  double sum = 0;
  std::size_t count = 0;
  const auto add = [&](const std::vector<std::size_t>& neighbours) {
    for (const auto each : neighbours) sum += middle[each];
    count += neighbours.size();
  };
  const bool both = sweep + 2 >= sweeps;
  if (both || sweep % 2 == 0) add(slot.before);
  if (both || sweep % 2 == 1) add(slot.after);
  return count == 0 ? middle[self] : sum / static_cast<double>(count);
}

void level_row(const Layers& layers, const std::vector<std::size_t>& row, int sweep,
               std::vector<double>& middle) {
  std::vector<double> wishes, distances, weights;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& slot = layers.slots[row[i]];
    wishes.push_back(wish(middle, slot, row[i], sweep));
    weights.push_back(slot.node ? 1 : 3);  // long edges are to be straight
    const auto before = i == 0 ? 0 : height_of(layers.slots[row[i - 1]]);
    distances.push_back(i == 0 ? 0 : static_cast<double>(before + height_of(slot)) / 2 + row_gap);
  }
  const auto levelled = levelled_places(wishes, distances, weights);
  for (std::size_t i = 0; i < row.size(); ++i) middle[row[i]] = levelled[i];
}

/// The middle of each slot, from the top.
std::vector<double> middles(const Layers& layers) {
  std::vector<double> middle(layers.slots.size(), 0);
  for (const auto& row : layers.rows) {
    double y = 0;
    for (const auto slot : row) {
      middle[slot] = y;
      y += static_cast<double>(height_of(layers.slots[slot]) + row_gap);
    }
  }
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const bool forward = sweep % 2 == 0;
    for (std::size_t i = 0; i < layers.rows.size(); ++i)
      level_row(layers, layers.rows[forward ? i : layers.rows.size() - 1 - i], sweep, middle);
  }
  return middle;
}

/// The columns of a part: where each layer begins and how wide it is.
std::vector<Box> columns_of(const Part& part, const Layers& layers, const std::vector<long>& widths) {
  std::vector<Box> columns;
  long x = 0;
  for (const auto& row : layers.rows) {
    long width = 0;
    for (const auto slot : row) {
      if (const auto node = layers.slots[slot].node) width = std::max(width, widths[part.nodes[*node]]);
    }
    columns.push_back({x, 0, width, 0});
    x += width + column_gap;
  }
  return columns;
}

Drawing draw_part(const Part& part, const std::vector<long>& widths) {
  const auto layers = in_layers(part.needs);
  const auto middle = middles(layers);
  const auto columns = columns_of(part, layers, widths);
  double top = middle[0] - box_height / 2.0;
  for (std::size_t i = 0; i < middle.size(); ++i)
    top = std::min(top, middle[i] - static_cast<double>(height_of(layers.slots[i])) / 2);
  Drawing drawing;
  const auto column = [&](std::size_t slot) { return columns[layers.slots[slot].layer]; };
  const auto level = [&](std::size_t slot) { return std::lround(middle[slot] - top); };
  for (std::size_t node = 0; node < part.nodes.size(); ++node) {
    drawing.boxes.push_back({column(node).x, level(node) - box_height / 2, column(node).width, box_height});
  }
  for (const auto& route : layers.routes) {
    Line line{part.nodes[route.from], part.nodes[route.to], {{column(route.from).x, level(route.from)}}};
    for (const auto bend : route.bends) {
      line.points.push_back({column(bend).x + column(bend).width, level(bend)});
      line.points.push_back({column(bend).x, level(bend)});
    }
    line.points.push_back({column(route.to).x + column(route.to).width, level(route.to)});
    drawing.lines.push_back(std::move(line));
  }
  drawing.width = columns.back().x + columns.back().width;
  for (std::size_t slot = 0; slot < layers.slots.size(); ++slot)
    drawing.height = std::max(drawing.height, level(slot) + height_of(layers.slots[slot]) / 2);
  return drawing;
}

/// Nodes without edges as a table, filled row by row.
Drawing draw_table(const Part& part, const std::vector<long>& widths, long page) {
  long width = 0;
  for (const auto node : part.nodes) width = std::max(width, widths[node]);
  const auto columns = std::max<long>(1, (page + row_gap) / (width + row_gap));
  Drawing drawing;
  for (long i = 0; i < static_cast<long>(part.nodes.size()); ++i) {
    drawing.boxes.push_back(
        {i % columns * (width + row_gap), i / columns * (box_height + row_gap), width, box_height});
    drawing.width = std::max(drawing.width, drawing.boxes.back().x + width);
    drawing.height = drawing.boxes.back().y + box_height;
  }
  return drawing;
}

/// Fills a page with parts from left to right and from top to bottom.
class Page {
 public:
  Page(std::size_t nodes, long width) : width_(width) { drawing_.boxes.resize(nodes); }

  void add(const Part& part, const Drawing& drawn) {
    const bool fits = x_ == 0 || x_ + drawn.width <= width_;
    if (!fits) {
      x_ = 0;
      y_ = drawing_.height + part_gap;
    }
    for (std::size_t i = 0; i < part.nodes.size(); ++i) {
      auto box = drawn.boxes[i];
      box.x += x_;
      box.y += y_;
      drawing_.boxes[part.nodes[i]] = box;
    }
    for (auto line : drawn.lines) {
      for (auto& point : line.points) point = {point.x + x_, point.y + y_};
      drawing_.lines.push_back(std::move(line));
    }
    drawing_.width = std::max(drawing_.width, x_ + drawn.width);
    drawing_.height = std::max(drawing_.height, y_ + drawn.height);
    x_ += drawn.width + part_gap;
  }

  Drawing take() { return std::move(drawing_); }

 private:
  long width_;
  Drawing drawing_;
  long x_ = 0;
  long y_ = 0;
};

}  // namespace

Drawing draw_graph(const Edges& needs, const std::vector<long>& widths) {
  std::vector<Part> parts;
  Part alone;
  for (auto& part : parts_of(needs)) {
    if (part.nodes.size() > 1) {
      parts.push_back(std::move(part));
    } else {
      alone.nodes.push_back(part.nodes.front());
    }
  }
  std::vector<Drawing> drawn;
  long page = narrowest_page;
  double area = 0;
  for (const auto& part : parts) {
    drawn.push_back(draw_part(part, widths));
    page = std::max(page, drawn.back().width);
    area += static_cast<double>(drawn.back().width + part_gap) *
            static_cast<double>(drawn.back().height + part_gap);
  }
  for (const auto node : alone.nodes)
    area += static_cast<double>(widths[node] + row_gap) * static_cast<double>(box_height + row_gap);
  page = std::max(page, std::lround(std::sqrt(area * page_shape)));
  Page filled(needs.size(), page);
  for (std::size_t i = 0; i < parts.size(); ++i) filled.add(parts[i], drawn[i]);
  if (!alone.nodes.empty()) filled.add(alone, draw_table(alone, widths, page));
  return filled.take();
}

}  // namespace mlenv
