#include "recipe/list_parts.hpp"

#include "recipe/document.hpp"
#include "recipe/flow_guard.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// The parts of a text as texts, of any size that is not nothing.
std::vector<std::string> parts_of(const std::string& text, std::size_t count = 3) {
  const auto parts = list_parts(text, guard_flow(text).lines, count, 1);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < parts.begins.size(); ++i)
    texts.push_back(text.substr(parts.begins[i], parts.end_of(i) - parts.begins[i]));
  return texts;
}

using Texts = std::vector<std::string>;

std::string shown(const Node& node) {
  auto text = "<" + std::to_string(node.span.begin) + "-" + std::to_string(node.span.end) + " " + node.text;
  for (const auto& item : node.items) text += shown(item);
  for (const auto& [key, value] : node.entries) text += shown(key) + ":" + shown(value);
  return text + ">";
}

/// What is read and what is said of it.
std::string read_by(const std::string& text, unsigned readers) {
  DocumentLimits limits;
  limits.readers = readers;
  limits.piece = 64;
  Diagnostics diagnostics;
  const auto root =
      parse_document(std::make_shared<const Source>(Source{"r.yaml", text}), diagnostics, limits);
  auto all = root ? shown(*root) : std::string("nothing");
  for (const auto& each : diagnostics.all())
    all += "\n" + each.code + " " + std::to_string(each.where.begin) + " " + each.message;
  return all;
}

std::string many(const std::string& item, std::size_t count = 60) {
  std::string text = "recipe: r\nversion: 1\nresources:\n";
  for (std::size_t i = 0; i < count; ++i) text += item;
  return text;
}

}  // namespace

TEST_CASE("a long list is cut before items, and what is around it stays together") {
  CHECK(parts_of("recipe: r\nresources:\n  - a: 1\n  - b: 2\n  - c: 3\nvars:\n  x: 1\n") ==
        Texts{"  - b: 2\n", "  - c: 3\n"});
  CHECK(parts_of("resources:\n- a: 1\n- b:\n  - 1\n- c: 3\n- d: 4\nvars: {}\n", 2) ==
        Texts{"- c: 3\n- d: 4\n"});
}

TEST_CASE("what looks like an item within another is no place to cut") {
  CHECK(parts_of("resources:\n  - a: |\n      text\n  - b: \"x\n  - y\"\n  - c: [1,\n  - 2]\n") ==
        Texts{"  - b: \"x\n  - y\"\n", "  - c: [1,\n  - 2]\n"});
  CHECK(parts_of("text: |\n  resources:\n  - a\n  - b\n  - c\n").empty());
}

TEST_CASE("a list is not cut where its pieces could mean something else alone") {
  const std::string list = "resources:\n  - a: 1\n  - b: 2\n  - c: 3\n";
  REQUIRE(!parts_of(list).empty());
  CHECK(parts_of("x: &anchor 1\n" + list).empty());
  CHECK(parts_of(list + " - odd: 1\n").empty());
  CHECK(parts_of(list + "  odd: 1\n").empty());
  CHECK(parts_of(list, 1).empty());
  CHECK(list_parts(list, guard_flow(list).lines, 8, 1000).begins.empty());
}

TEST_CASE("a list read in parts is the same list, with the same places") {
  for (const std::string item :
       {"  - directory: ~/a\n", "  - pip_package: [a, b]\n    venv: v\n\n  # a comment\n",
        "- x: |\n    - text\n", "  - venv: ü\n    path: \"a\n  - b\"\n", "  -\n    a: 1\n", "  - a:\n",
        "  -\n", "  - [1, 2]\n"}) {
    INFO(item);
    for (const std::string tail :
         {"", "vars:\n  x: 1\n", "\n# end\n", "---\n", "resources: []\n", "   - a\n"})
      CHECK(read_by(many(item) + tail, 4) == read_by(many(item) + tail, 1));
  }
}

TEST_CASE("what is wrong in a part is told as of the whole") {
  const auto good = many("  - directory: ~/a\n");
  for (const std::string bad : {"  - {a: 1\n", "  - \"open\n", "  - a: 1\n    a: 2\n", "  - ? [1]\n    : 2\n",
                                "  - a: b: c\n", "  - a\n - b\n", "  b: 1\n", "  - a\n   - b\n"}) {
    INFO(bad);
    const auto text = good + bad + good.substr(good.find("  -")) + "vars: {}\n";
    CHECK(read_by(text, 4) == read_by(text, 1));
  }
}
