#include <algorithm>

#include "base/text.hpp"
#include "plan/graph.hpp"

namespace mlenv {
namespace {

/// The chosen resources and everything that they need.
std::vector<bool> closure(const Graph& graph, std::vector<std::size_t> open) {
  std::vector<bool> kept(graph.resources.size(), false);
  while (!open.empty()) {
    const auto at = open.back();
    open.pop_back();
    if (kept[at]) continue;
    kept[at] = true;
    open.insert(open.end(), graph.needs[at].begin(), graph.needs[at].end());
  }
  return kept;
}

Graph restricted(Graph graph, const std::vector<bool>& kept) {
  std::vector<std::size_t> place(graph.resources.size(), 0);
  Graph part;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    place[i] = part.resources.size();
    part.resources.push_back(std::move(graph.resources[i]));
  }
  const auto moved = [&](const std::vector<std::size_t>& edges) {
    std::vector<std::size_t> result;
    for (const auto each : edges) {
      if (kept[each]) result.push_back(place[each]);
    }
    return result;
  };
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    part.needs.push_back(moved(graph.needs[i]));
    part.hard.push_back(moved(graph.hard[i]));
    part.to_build.push_back(moved(graph.to_build[i]));
    part.to_bring.push_back(moved(graph.to_bring[i]));
  }
  part.order = moved(graph.order);
  return part;
}

}  // namespace

std::optional<Graph> select_targets(Graph graph, const std::vector<std::string>& targets,
                                    Diagnostics& diagnostics) {
  if (targets.empty()) return graph;
  std::vector<std::string> addresses;
  for (const auto& resource : graph.resources) addresses.push_back(resource.address.str());
  std::vector<std::size_t> chosen;
  for (const auto& target : targets) {
    const auto found = std::find(addresses.begin(), addresses.end(), target);
    if (found != addresses.end()) {
      chosen.push_back(static_cast<std::size_t>(found - addresses.begin()));
      continue;
    }
    const auto near = nearest_word(target, addresses);
    diagnostics.error("graph.unknown-address", "`--target " + target + "`: nothing declares `" + target + "`",
                      {}, near ? std::optional("did you mean `" + *near + "`?") : std::nullopt);
  }
  if (chosen.size() != targets.size()) return std::nullopt;
  const auto kept = closure(graph, std::move(chosen));
  return restricted(std::move(graph), kept);
}

}  // namespace mlenv
