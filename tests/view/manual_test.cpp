#include "view/manual.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

using Sort = ManualPart::Sort;

ManualPage sample() {
  return {"mlenvctl-sample",
          5,
          "a page",
          {{Sort::section, {}, {}, "First", 0},
           {Sort::paragraph, {}, {}, ".profile is `.profile`; it's a \\ and `--yes` <b> *not* bold", 0},
           {Sort::entry, "path", "text, required", "where it is", 0},
           {Sort::entry, "inner", {}, "what is in it", 1},
           {Sort::example, {}, {}, ".so x\n'quoted'\n", 0}}};
}

}  // namespace

TEST_CASE("what roff would take for requests or typography is spelled out", "[view][manual]") {
  CHECK(manual_roff(sample(), {"1.2.3", "2026-01-02"}) ==
        ".TH MLENVCTL\\-SAMPLE 5 \"2026-01-02\" \"mlenvctl 1.2.3\" \"mlenvctl\"\n"
        ".SH NAME\nmlenvctl\\-sample \\- a page\n"
        ".SH FIRST\n"
        "\\&.profile is \\fB.profile\\fR; it\\(aqs a \\e and \\fB\\-\\-yes\\fR <b> *not* bold\n"
        ".TP\n\\fBpath\\fR \\fItext, required\\fR\nwhere it is\n"
        ".RS\n.TP\n\\fBinner\\fR\nwhat is in it\n.RE\n"
        ".PP\n.RS 4\n.nf\n\\&.so x\n\\(aqquoted\\(aq\n.fi\n.RE\n");
}

TEST_CASE("lines of a page are of usual length", "[view][manual]") {
  std::string words;
  for (int i = 0; i < 100; ++i) words += "word . ";
  const auto text = manual_roff({"m", 1, "s", {{Sort::paragraph, {}, {}, words, 0}}}, {"1", "2026-01-02"});
  for (const auto line : split_lines(text)) {
    CHECK(line.size() <= 80);
    CHECK_FALSE(line.starts_with(". "));
  }
}

TEST_CASE("outside of code nothing is markup in Markdown", "[view][manual]") {
  CHECK(manual_markdown(sample()) ==
        "# mlenvctl-sample: a page\n\n## First\n\n"
        ".profile is `.profile`; it's a \\ and `--yes` \\<b> \\*not\\* bold\n\n"
        "- `path` *text, required*: where it is\n"
        "  - `inner`: what is in it\n\n"
        "```yaml\n.so x\n'quoted'\n```\n");
}

TEST_CASE("on a screen a page is indented and wrapped", "[view][manual]") {
  CHECK(manual_text(sample(), {false, false, 40}) ==
        "mlenvctl-sample: a page\n\nFIRST\n"
        "  .profile is `.profile`; it's a \\ and\n  `--yes` <b> *not* bold\n\n"
        "  path  text, required\n      where it is\n"
        "      inner\n          what is in it\n\n"
        "    .so x\n    'quoted'\n");
}
