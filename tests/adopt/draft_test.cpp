#include "adopt/draft_text.hpp"
#include "recipe/document.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

Node parsed(const std::string& text) {
  Diagnostics diagnostics;
  const auto document = parse_document(std::make_shared<const Source>(Source{"r.yaml", text}), diagnostics);
  INFO(text);
  for (const auto& each : diagnostics.all()) INFO(each.message);
  REQUIRE(document);
  return *document;
}

Draft sample() {
  Draft draft;
  draft.name = "gpu07";
  draft.heading = {"above"};
  draft.requirements = {{"os", "debian 12"}};
  draft.sections = {{"Packages.",
                     {{"apt_package", {"jq", "tree"}},
                      {"venv", {"torch"}, {{"path", "~/ml/torch"}, {"python", "3.11"}}, "made by hand"}}},
                    {"Nothing."}};
  draft.ending = {"below"};
  return draft;
}

}  // namespace

TEST_CASE("a text is read back as it was written, whatever is in it", "[adopt][draft]") {
  for (const std::string text : {"plain",
                                 "~/ml",
                                 "~",
                                 "null",
                                 "yes",
                                 "3.10",
                                 "1e3",
                                 "0x1f",
                                 "",
                                 " x",
                                 "x ",
                                 "a: b",
                                 "a #b",
                                 "- a",
                                 "*a",
                                 "&a",
                                 "!t",
                                 "%",
                                 "@x",
                                 "`x`",
                                 "it's \"so\"",
                                 "\\",
                                 "tab\there",
                                 "\x1b[31m",
                                 "name @ https://x/y#z",
                                 "torch==1.7.1+cu110",
                                 "[a]",
                                 "{a}",
                                 "a,b",
                                 "?",
                                 "key:",
                                 "über",
                                 "$${x}",
                                 "a\nb",
                                 "a\n\nb\n",
                                 "\na\n",
                                 " a\nb\n",
                                 "a\n\n",
                                 "a\r\nb",
                                 "a \nb\n",
                                 "|",
                                 ">x\n"}) {
    INFO(text);
    CHECK(parsed("k: " + yaml_scalar(text) + "\n").find("k")->text == text);
    Draft draft;
    draft.name = "r";
    draft.sections = {{"s", {{"file", {"/x"}, {{"content", text}, {"mode", "0644"}}}}}};
    const auto document = parsed(draft_text(draft).text);
    REQUIRE(document.find("resources")->items.size() == 1);
    CHECK(document.find("resources")->items[0].find("content")->text == text);
  }
}

TEST_CASE("what is no UTF-8, or speaks to a terminal, does not come through", "[adopt][draft]") {
  CHECK(yaml_scalar("a\xff") == "\"a?\"");
  CHECK(yaml_scalar("\xc2\x9b"
                    "1m") == "\"\\x9b1m\"");
  Draft draft;
  draft.name = "r";
  draft.sections = {{"s\x1b[1m\n- x", {{"file", {"/x"}, {{"content", "a\xff\nb\n"}}}}}};
  const auto text = draft_text(draft).text;
  CHECK(text.find("  # s [1m - x\n") != std::string::npos);
  CHECK(parsed(text).find("resources")->items[0].find("content")->text == "a?\nb\n");
}

TEST_CASE("each line of a draft leads back to what stands on it", "[adopt][draft]") {
  const auto draft = sample();
  const auto written = draft_text(draft);
  CHECK(
      written.text ==
      "# above\nrecipe: gpu07\nversion: 1\nrequires:\n  os: debian 12\nresources:\n\n  # Packages.\n"
      "  - apt_package:\n      - jq\n      - tree\n  # made by hand\n  - venv: torch\n    path: ~/ml/torch\n"
      "    python: \"3.11\"\n\n# below\n");
  CHECK(written.lines[9] == DraftPlace{0, 0, 0});
  CHECK(written.lines[10] == DraftPlace{0, 0, 1});
  CHECK(written.lines[13] == DraftPlace{0, 1});
  CHECK_FALSE(written.lines[0]);
}

TEST_CASE("what is in doubt is a comment with the reason, one name by itself", "[adopt][draft]") {
  auto draft = sample();
  doubt(draft, {0, 0, 1}, "no index has\nit");
  doubt(draft, {0, 1}, "it is gone");
  CHECK(count_resources(draft).declared == 1);
  CHECK(count_resources(draft).doubtful == 2);
  const auto text = draft_text(draft).text;
  CHECK(text.find("  - apt_package: jq\n") != std::string::npos);
  CHECK(text.find("  # in doubt: no index has it\n  # - apt_package: tree\n") != std::string::npos);
  CHECK(text.find("  # in doubt: it is gone\n  # - venv: torch\n  #   path: ~/ml/torch\n") !=
        std::string::npos);
  CHECK(parsed(text).find("resources")->items.size() == 1);
}

TEST_CASE("a draft of nothing but doubts is a recipe too", "[adopt][draft]") {
  auto draft = sample();
  draft.sections[0].entries.pop_back();
  doubt(draft, {0, 0}, "why");
  draft.sections[0].entries[0].names.pop_back();
  draft.sections[0].entries[0].doubt = "why";
  CHECK(parsed(draft_text(draft).text).find("resources")->items.empty());
}
