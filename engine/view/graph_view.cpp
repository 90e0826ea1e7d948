#include "view/graph_view.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/plan.hpp"
#include "view/graph_edges.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

std::string label_of(const Graph& graph, std::size_t node) {
  return mask_credentials(graph.resources[node].address.str());
}

std::string dot_quoted(const std::string& text) {
  return "\"" + replace_all(replace_all(text, "\\", "\\\\"), "\"", "\\\"") + "\"";
}

std::string mermaid_quoted(const std::string& text) {
  return "\"" + replace_all(replace_all(text, "#", "#35;"), "\"", "#quot;") + "\"";
}

}  // namespace

std::string graph_dot(const Graph& graph) {
  std::string text = "digraph recipe {\n  rankdir = RL;\n  node [shape = box, fontname = \"sans-serif\"];\n";
  for (std::size_t node = 0; node < graph.resources.size(); ++node)
    text += "  " + dot_quoted(label_of(graph, node)) + ";\n";
  const auto edges = reduced_edges(graph.needs, graph.order);
  for (std::size_t node = 0; node < edges.size(); ++node) {
    for (const auto need : edges[node]) {
      text += "  " + dot_quoted(label_of(graph, node)) + " -> " + dot_quoted(label_of(graph, need)) + ";\n";
    }
  }
  return text + "}\n";
}

std::string graph_mermaid(const Graph& graph) {
  std::string text = "flowchart RL\n";
  for (std::size_t node = 0; node < graph.resources.size(); ++node) {
    text += "  n" + std::to_string(node) + "[" + mermaid_quoted(label_of(graph, node)) + "]\n";
  }
  const auto edges = reduced_edges(graph.needs, graph.order);
  for (std::size_t node = 0; node < edges.size(); ++node) {
    for (const auto need : edges[node])
      text += "  n" + std::to_string(node) + " --> n" + std::to_string(need) + "\n";
  }
  return text;
}

nlohmann::ordered_json graph_document(const Graph& graph) {
  auto nodes = nlohmann::ordered_json::array(), edges = nlohmann::ordered_json::array();
  for (const auto& resource : graph.resources) {
    const auto origin = origin_of(resource.where);
    nodes.push_back({{"address", resource.address.str()},
                     {"kind", resource.address.kind},
                     {"origin", {{"file", origin.file}, {"line", origin.line}, {"column", origin.column}}}});
  }
  for (std::size_t self = 0; self < graph.resources.size(); ++self) {
    for (const auto need : graph.needs[self]) {
      const auto& hard = graph.hard[self];
      edges.push_back({{"from", graph.resources[self].address.str()},
                       {"to", graph.resources[need].address.str()},
                       {"hard", std::find(hard.begin(), hard.end(), need) != hard.end()}});
    }
  }
  return masked({{"format", "mlenvctl.graph/1"}, {"nodes", std::move(nodes)}, {"edges", std::move(edges)}});
}

}  // namespace mlenv
