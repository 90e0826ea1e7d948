#include "golden.hpp"
#include "sample_plan.hpp"
#include "view/plan_document.hpp"
#include "view/plan_lines.hpp"
#include "view/plan_text.hpp"

using namespace mlenv;

namespace {

Plan plan_with(const std::string& diff) {
  auto plan = sample_plan();
  plan.steps.clear();
  plan.findings.clear();
  plan.changes.resize(1);
  plan.changes[0] = {{"file", "/etc/lab.conf"},
                     {"lab.yaml", 4, 5},
                     {Action::update,
                      "its content differs",
                      {{"content", "sha256:00 (9 bytes)", "sha256:11 (9 bytes)"}},
                      {},
                      {},
                      diff},
                     {}};
  return plan;
}

const std::string few =
    "--- /etc/lab.conf (now)\n+++ /etc/lab.conf (planned)\n@@ -1,4 +1,4 @@\n "
    "one\n-two\x1b[2J\n+\tthree\r\n+--- four\n"
    " index = https://me:secret@lab.example/simple, and then words without end, so that the line is long\n"
    "\\ No newline at end of file\n";

std::string lines_of(std::size_t count) {
  std::string text = "--- /x (now)\n+++ /x (planned)\n@@ -0,0 +1," + std::to_string(count) + " @@\n";
  for (std::size_t i = 1; i <= count; ++i) text += "+" + std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("a diff stands under the attributes of its change", "[view][plan][diff]") {
  const auto document = plan_document(plan_with(few));
  check_golden("diff.txt", plan_text(document, {}));
  check_golden("diff-60-columns.txt", plan_text(document, {false, false, 60}));
  check_golden("diff-colour.txt", plan_text(document, {true, true, 60}));
  CHECK(plan_text(document, {}).find("secret") == std::string::npos);
}

TEST_CASE("the document holds a diff whole, and none where there is none", "[view][plan][diff]") {
  CHECK(plan_document(plan_with(lines_of(1000)))["changes"][0]["diff"] == lines_of(1000));
  CHECK_FALSE(plan_document(plan_with(""))["changes"][0].contains("diff"));
  CHECK(dump(plan_document(plan_with(few))).find("me:secret") == std::string::npos);
}

TEST_CASE("of a long diff 200 lines are shown and the rest is counted, unless -v asks for it",
          "[view][plan][diff]") {
  const auto document = plan_document(plan_with(lines_of(1000)));
  const auto text = plan_text(document, {});
  CHECK(text.find("      +197\n      … and 803 more lines (-v shows them)\n") != std::string::npos);
  CHECK(plan_text(document, {false, true, 0}).find("      +1000\n") != std::string::npos);
  CHECK(plan_text(plan_document(plan_with(lines_of(197))), {}).find("more lines") == std::string::npos);
}

TEST_CASE("a reason in place of a diff, and a diff of another type, are shown as far as they go",
          "[view][plan][diff]") {
  const auto document = plan_document(plan_with("(not shown: mode 0600)\n"));
  CHECK(plan_text(document, {}).find("      (not shown: mode 0600)\n") != std::string::npos);
  auto odd = plan_document(plan_with("x"));
  odd["changes"][0]["diff"] = 7;
  CHECK(plan_text(odd, {}).find("sha256:11 (9 bytes)\n\n") != std::string::npos);
}
