#include "view/graph_view.hpp"

#include "golden.hpp"
#include "view/plan_document.hpp"

using namespace mlenv;

namespace {

Resource resource(const SourcePtr& source, const std::string& kind, const std::string& name,
                  std::size_t begin) {
  Resource made;
  made.address = {kind, name};
  made.where = {source, begin, begin + 1};
  return made;
}

/// The check needs all; the package its venv; the venv its folder. Declared the other way round.
Graph sample_graph() {
  const auto source = std::make_shared<const Source>(Source{"lab.yaml", "a\nb\nc\nd\n"});
  Graph graph;
  graph.resources = {resource(source, "check", "says \"hi\" #1", 0),
                     resource(source, "pip_package", "torch/numpy", 2), resource(source, "venv", "torch", 4),
                     resource(source, "directory", "/ml", 6)};
  graph.needs = {{1, 2, 3}, {2, 3}, {3}, {}};
  graph.hard = {{}, {2}, {}, {}};
  graph.order = {3, 2, 1, 0};
  return graph;
}

}  // namespace

TEST_CASE("pictures leave out edges that others imply", "[view][graph]") {
  check_golden("graph.dot", graph_dot(sample_graph()));
  check_golden("graph.mermaid", graph_mermaid(sample_graph()));
}

TEST_CASE("the graph's document has every edge", "[view][graph]") {
  const auto document = graph_document(sample_graph());
  CHECK(document["edges"].size() == 6);
  check_golden("graph.json", dump(document));
}
