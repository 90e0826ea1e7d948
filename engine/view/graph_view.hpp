#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "plan/graph.hpp"

namespace mlenv {

/// The graph in Graphviz's language; an arrow points at what is needed. Edges that others imply are left out.
std::string graph_dot(const Graph& graph);
/// The same as a Mermaid flow chart.
std::string graph_mermaid(const Graph& graph);
/// The document `mlenvctl.graph/1`, with every edge: `from` needs `to`.
nlohmann::ordered_json graph_document(const Graph& graph);

}  // namespace mlenv
