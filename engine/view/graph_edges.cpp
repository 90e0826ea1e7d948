#include "view/graph_edges.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace mlenv {
namespace {

enum class Visit { not_yet, begun, over };

/// One node on the path from where a search began, and how many of its needs were looked at.
struct Frame {
  std::size_t node;
  std::size_t next;
};

/// Walks down from one node and keeps each edge that does not lead back onto the path. Without recursion: a
/// chain may be as long as the graph.
void keep_from(std::size_t start, const Edges& needs, std::vector<Visit>& visits, Edges& kept) {
  std::vector<Frame> path = {{start, 0}};
  visits[start] = Visit::begun;
  while (!path.empty()) {
    const auto self = path.back().node;
    if (path.back().next == needs[self].size()) {
      visits[self] = Visit::over;
      path.pop_back();
      continue;
    }
    const auto need = needs[self][path.back().next++];
    if (visits[need] == Visit::begun) continue;
    kept[self].push_back(need);
    if (visits[need] == Visit::over) continue;
    visits[need] = Visit::begun;
    path.push_back({need, 0});
  }
}

}  // namespace

Edges reduced_edges(const Edges& needs, const std::vector<std::size_t>& order) {
  const auto count = needs.size();
  std::vector<std::size_t> place(count);
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<std::vector<bool>> reached(count, std::vector<bool>(count, false));
  Edges kept(count);
  for (const auto self : order) {
    // Needs that come late are looked at first: what they reach makes the earlier ones superfluous.
    auto own = needs[self];
    std::sort(own.begin(), own.end(), [&](auto a, auto b) { return place[a] > place[b]; });
    for (const auto need : own) {
      if (reached[self][need]) continue;
      kept[self].push_back(need);
      reached[self][need] = true;
      for (std::size_t i = 0; i < count; ++i) reached[self][i] = reached[self][i] || reached[need][i];
    }
    std::sort(kept[self].begin(), kept[self].end());
  }
  return kept;
}

Edges reversed_edges(const Edges& needs) {
  Edges reversed(needs.size());
  for (std::size_t self = 0; self < needs.size(); ++self) {
    for (const auto need : needs[self]) reversed[need].push_back(self);
  }
  return reversed;
}

Edges acyclic_edges(const Edges& needs) {
  std::vector<Visit> visits(needs.size(), Visit::not_yet);
  Edges kept(needs.size());
  for (std::size_t start = 0; start < needs.size(); ++start) {
    if (visits[start] == Visit::not_yet) keep_from(start, needs, visits, kept);
  }
  for (auto& own : kept) {
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
  }
  return kept;
}

std::vector<std::size_t> needs_first(const Edges& needs) {
  const auto needed_by = reversed_edges(needs);
  std::vector<std::size_t> open(needs.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t node = 0; node < needs.size(); ++node) {
    open[node] = needs[node].size();
    if (open[node] == 0) ready.push(node);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const auto node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const auto next : needed_by[node]) {
      if (--open[next] == 0) ready.push(next);
    }
  }
  return order;
}

}  // namespace mlenv
