#include "view/diagnostic_text.hpp"

#include "golden.hpp"

using namespace mlenv;

namespace {

SourcePtr source(const std::string& text) { return std::make_shared<const Source>(Source{"lab.yaml", text}); }

Span span_of(const SourcePtr& source, const std::string& word) {
  const auto begin = source->text.find(word);
  REQUIRE(begin != std::string::npos);
  return {source, begin, begin + word.size()};
}

/// The column, counted from one, at which the caret stands in the last line but one.
std::size_t column_of(const std::string& text, const std::string& word, std::size_t line) {
  std::size_t begin = 0;
  for (; line > 0; --line) begin = text.find('\n', begin) + 1;
  return text.find(word, begin) - begin;
}

}  // namespace

TEST_CASE("a diagnostic shows place, line, caret, labels and hint", "[view][diagnostic]") {
  const auto file =
      source("recipe: lab\nresources:\n  - venv: torch\n    sytem_site_packages: true\n  - venv: torch\n");
  Diagnostics all;
  all.error("recipe.unknown-field", "`venv` has no field `sytem_site_packages`",
            span_of(file, "sytem_site_packages"), "did you mean `system_site_packages`?");
  const auto second = file->text.rfind("venv");
  all.report({Severity::error,
              "graph.duplicate-address",
              "`venv.torch` is declared twice, and not alike",
              Span{file, second, second + 4},
              {{span_of(file, "venv"), "first declared here"}},
              std::nullopt});
  all.warning("recipe.lint", "this recipe declares nothing\nor next to nothing", {});
  check_golden("diagnostics.txt", diagnostics_text(all, {}));
  check_golden("diagnostics-colour.txt", diagnostics_text(all, {true, false, 80}));
  check_golden("diagnostics.json", diagnostics_document(all).dump(2) + "\n");
}

TEST_CASE("the caret stands under what is meant, whatever comes before it", "[view][diagnostic]") {
  for (const std::string before :
       {"    ", "\t- ", "name: größe, ", "漢字 ", "https://me:secret@host/a ", "a\x1b[31m "}) {
    const auto file = source("first: 1\n" + before + "wrong: 2\n");
    const auto text = diagnostic_text({Severity::error, "c", "m", span_of(file, "wrong")}, {});
    INFO(text);
    const auto bytes = column_of(text, "wrong", 1);
    const auto line = text.substr(text.find('\n') + 1);
    // The caret line is plain ASCII, so its column is what the bytes before the word take on a screen.
    std::size_t wide = 0;
    if (before.find("ö") != std::string::npos) wide = 2;
    if (before.find("漢") != std::string::npos) wide = 2;
    CHECK(column_of(text, "^~~~~\n", 2) == bytes - wide);
    CHECK(text.find("secret") == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a long line is cut around the caret", "[view][diagnostic]") {
  const auto file =
      source("a: " + std::string(5'000'000, 'x') + " wrong " + std::string(5'000'000, 'y') + "\n");
  const auto text = diagnostic_text({Severity::error, "c", "m", span_of(file, "wrong")}, {});
  CHECK(text.size() < 500);
  CHECK(text.find("wrong") != std::string::npos);
  CHECK(text.find("…x") != std::string::npos);
  CHECK(text.find("y…") != std::string::npos);
}

TEST_CASE("a caret at the end of a line and in an empty file has a place", "[view][diagnostic]") {
  const auto file = source("vars:\n");
  CHECK(diagnostic_text({Severity::error, "c", "m", Span{file, 5, 5}}, {}) ==
        "lab.yaml:1:6: error: m [c]\n   1 | vars:\n     |      ^\n");
  CHECK(diagnostic_text({Severity::error, "c", "m", Span{source(""), 0, 0}}, {}) ==
        "lab.yaml:1:1: error: m [c]\n");
}

TEST_CASE("a span beyond its line is underlined to the end of the line", "[view][diagnostic]") {
  const auto file = source("a: b\nc: d\n");
  CHECK(diagnostic_text({Severity::warning, "c", "m", Span{file, 3, 9}}, {}) ==
        "lab.yaml:1:4: warning: m [c]\n   1 | a: b\n     |    ^\n");
}

TEST_CASE("a recipe cannot move the reader's cursor", "[view][diagnostic]") {
  const auto file = source("a: \x1b[2Jb\x7f\xff \xe2\x80\xae\n");
  const auto text =
      diagnostic_text({Severity::error, "c", "found `\x1b[2J`\rx", span_of(file, "a:"), {}, "try \x07"}, {});
  CHECK(text ==
        "lab.yaml:1:1: error: found `\\x1b[2J`\\rx [c]\n   1 | a: \\x1b[2Jb\\x7f\\xff \\u{202e}\n     | ^~\n"
        "  hint: try \\x07\n");
}
