#include "view/graph_layout.hpp"

#include <algorithm>
#include <chrono>
#include <random>

#include "support/catch.hpp"
#include "view/graph_layers.hpp"
#include "view/levelled.hpp"

using namespace mlenv;

namespace {

/// A graph of that many nodes in which each needs up to three of the `reach` before it.
Edges random_graph(std::size_t count, std::size_t reach, unsigned seed) {
  std::mt19937 random(seed);
  Edges needs(count);
  for (std::size_t self = 1; self < count; ++self) {
    for (auto left = random() % 4; left > 0; --left)
      needs[self].push_back(self - 1 - random() % std::min(self, reach));
  }
  return acyclic_edges(needs);
}

std::vector<long> widths_of(std::size_t count) {
  std::vector<long> widths(count);
  for (std::size_t i = 0; i < count; ++i) widths[i] = 80 + static_cast<long>(i * 37 % 200);
  return widths;
}

bool overlap(const Box& a, const Box& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/// Which nodes a node reaches.
std::vector<std::vector<bool>> reach_of(const Edges& needs) {
  std::vector<std::vector<bool>> reach(needs.size(), std::vector<bool>(needs.size(), false));
  for (const auto self : needs_first(needs)) {
    for (const auto need : needs[self]) {
      reach[self][need] = true;
      for (std::size_t i = 0; i < needs.size(); ++i) reach[self][i] = reach[self][i] || reach[need][i];
    }
  }
  return reach;
}

}  // namespace

TEST_CASE("what is needed stands in an earlier layer", "[view][layout]") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto needs = random_graph(80, 20, seed);
    const auto layer = layer_numbers(needs);
    for (std::size_t self = 0; self < needs.size(); ++self) {
      for (const auto need : needs[self]) CHECK(layer[need] < layer[self]);
    }
  }
}

TEST_CASE("a node stands near to what needs it", "[view][layout]") {
  // A chain of four, and a node without needs that only its end needs.
  CHECK(layer_numbers({{}, {0}, {1}, {2, 4}, {}}) == std::vector<std::size_t>{0, 1, 2, 3, 2});
}

TEST_CASE("an edge leads from the left of what needs to the right of what is needed", "[view][layout]") {
  for (unsigned seed = 0; seed < 10; ++seed) {
    const auto needs = random_graph(60, 15, seed);
    const auto drawing = draw_graph(needs, widths_of(60));
    std::size_t edges = 0;
    for (const auto& own : needs) edges += own.size();
    REQUIRE(drawing.lines.size() == edges);
    for (const auto& line : drawing.lines) {
      const auto &from = drawing.boxes[line.from], &to = drawing.boxes[line.to];
      CHECK(std::count(needs[line.from].begin(), needs[line.from].end(), line.to) == 1);
      CHECK(line.points.front() == Point{from.x, from.y + from.height / 2});
      CHECK(line.points.back() == Point{to.x + to.width, to.y + to.height / 2});
      for (std::size_t i = 1; i < line.points.size(); ++i) CHECK(line.points[i].x < line.points[i - 1].x);
    }
  }
}

TEST_CASE("nodes do not cover each other, and all are on the page", "[view][layout]") {
  for (unsigned seed = 0; seed < 10; ++seed) {
    const auto drawing = draw_graph(random_graph(90, 12, seed), widths_of(90));
    for (std::size_t a = 0; a < drawing.boxes.size(); ++a) {
      const auto& box = drawing.boxes[a];
      CHECK((box.x >= 0 && box.y >= 0));
      CHECK((box.x + box.width <= drawing.width && box.y + box.height <= drawing.height));
      for (std::size_t b = 0; b < a; ++b) CHECK_FALSE(overlap(box, drawing.boxes[b]));
    }
  }
}

TEST_CASE("nodes without edges make a table, not a tower", "[view][layout]") {
  const auto drawing = draw_graph(Edges(1000), std::vector<long>(1000, 150));
  CHECK(drawing.height < 2 * drawing.width);
  CHECK(drawing.width < 3 * drawing.height);
}

TEST_CASE("edges that need not cross do not", "[view][layout]") {
  // Two layers of six, joined the wrong way round.
  Edges needs(12);
  for (std::size_t i = 0; i < 6; ++i) needs[6 + i] = {5 - i};
  needs[6].push_back(4);
  std::sort(needs[6].begin(), needs[6].end());
  CHECK(crossings(in_layers(needs)) == 0);
}

TEST_CASE("the same graph is drawn the same way", "[view][layout]") {
  const auto needs = random_graph(200, 30, 7);
  CHECK(draw_graph(needs, widths_of(200)) == draw_graph(needs, widths_of(200)));
  CHECK(draw_graph({}, {}).boxes.empty());
}

TEST_CASE("a thousand nodes are drawn at once", "[view][layout]") {
  const auto begin = std::chrono::steady_clock::now();
  Edges chain(1000), star(1000), fan(1000);
  for (std::size_t i = 1; i < 1000; ++i) chain[i] = {i - 1};
  for (std::size_t i = 0; i + 1 < 999; ++i) chain[999].push_back(i);
  for (std::size_t i = 0; i < 999; ++i) star[999].push_back(i);
  for (std::size_t i = 1; i < 1000; ++i) fan[i] = {0};
  for (const auto& needs : {random_graph(1000, 60, 1), chain, star, fan}) {
    const auto reduced = reduced_edges(needs, needs_first(needs));
    CHECK(draw_graph(reduced, widths_of(1000)).boxes.size() == 1000);
    CHECK(draw_graph(needs, widths_of(1000)).boxes.size() == 1000);
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));  // sanitizers included
}

TEST_CASE("leaving out implied edges loses no path", "[view][layout]") {
  const auto needs = random_graph(70, 20, 3);
  const auto reduced = reduced_edges(needs, needs_first(needs));
  CHECK(reach_of(reduced) == reach_of(needs));
  CHECK(reduced_edges({{}, {0}, {0, 1}}, {0, 1, 2}) == Edges{{}, {0}, {1}});
}

TEST_CASE("edges that close a cycle are left out", "[view][layout]") {
  const auto kept = acyclic_edges({{1}, {2}, {0, 2, 2}});
  CHECK(kept == Edges{{1}, {2}, {}});
  CHECK(needs_first(kept) == std::vector<std::size_t>{2, 1, 0});
}

TEST_CASE("levelled places keep order and distance, and move no more than they must", "[view][layout]") {
  CHECK(levelled_places({10, 20, 40}, {0, 5, 5}, {1, 1, 1}) == std::vector<double>{10, 20, 40});
  CHECK(levelled_places({10, 10}, {0, 10}, {1, 1}) == std::vector<double>{5, 15});
  CHECK(levelled_places({10, 10}, {0, 12}, {3, 1}) == std::vector<double>{7, 19});
}
