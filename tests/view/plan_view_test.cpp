#include "golden.hpp"
#include "sample_plan.hpp"
#include "view/plan_document.hpp"
#include "view/plan_text.hpp"

using namespace mlenv;

namespace {

std::string last_line(const std::string& text) {
  const auto end = text.size() - 1;
  return text.substr(text.rfind('\n', end - 1) + 1, end - text.rfind('\n', end - 1) - 1);
}

}  // namespace

TEST_CASE("the plan's document has every resource, step and count", "[view][plan]") {
  check_golden("plan.json", dump(plan_document(sample_plan())));
}

TEST_CASE("the plan's text shows what changes and why, and ends with the counts", "[view][plan]") {
  const auto document = plan_document(sample_plan());
  check_golden("plan.txt", plan_text(document, {}));
  check_golden("plan-verbose.txt", plan_text(document, {false, true, 0}));
  check_golden("plan-60-columns.txt", plan_text(document, {false, false, 60}));
  check_golden("plan-colour.txt", plan_text(document, {true, false, 80}));
  CHECK(last_line(plan_text(document, {})) == "Plan: 2 to create, 1 to change, 1 to replace, 1 to delete.");
}

TEST_CASE("a terminal's width is kept by attributes and reasons", "[view][plan]") {
  const auto text = plan_text(plan_document(sample_plan()), {false, false, 60});
  std::size_t begin = text.find('\n', text.find("Host"));
  for (auto end = text.find('\n', begin + 1); end < text.find("lab.yaml:7");
       end = text.find('\n', begin + 1)) {
    INFO(text.substr(begin + 1, end - begin - 1));
    CHECK(end - begin - 1 <= 60);
    begin = end;
  }
}

TEST_CASE("a plan without changes says so", "[view][plan]") {
  auto plan = sample_plan();
  plan.changes.resize(1);
  plan.steps.clear();
  plan.findings.clear();
  const auto document = plan_document(plan);
  CHECK(plan_text(document, {}) ==
        "Recipe  lab\nHost    ws1: ubuntu 20.04, x86_64, metal\n\n1 already as declared (-v lists them)\n\n"
        "No changes. The host is as declared.\n");
  CHECK(
      document["cost"].dump() ==
      R"({"download_bytes":0,"disk_bytes":0,"reboot":"no","login":false,"downloads":[],"disk":[],"services":[],"estimates":[]})");
}

TEST_CASE("what cannot be told is never `no changes`", "[view][plan]") {
  auto plan = sample_plan();
  plan.changes = {plan.changes[6]};
  plan.steps.clear();
  const auto text = plan_text(plan_document(plan), {});
  CHECK(text.find("No changes") == std::string::npos);
  CHECK(text.find("1 cannot be told") != std::string::npos);
  CHECK(last_line(text) == "Plan: 0 to create, 0 to change, 0 to replace, 0 to delete.");
}

TEST_CASE("credentials reach neither the document nor the text", "[view][plan]") {
  const auto document = plan_document(sample_plan());
  CHECK(dump(document).find("secret@") == std::string::npos);
  CHECK(dump(document).find("https://***@wheels.example/") != std::string::npos);
  CHECK(plan_text(document, {false, true, 0}).find("secret@") == std::string::npos);
}

TEST_CASE("an edited plan file of another shape is shown as far as it goes", "[view][plan]") {
  using Json = nlohmann::ordered_json;
  CHECK(last_line(plan_text(Json::object(), {})) == "No changes. The host is as declared.");
  const auto odd =
      Json::parse(R"({"recipe": 7, "host": [], "changes": [3, {"action": "create", "address": "a\u001b[2J.b",
    "before": 4, "after": {"x": null, "y": [1]}}], "steps": {"id": 1}, "findings": "none"})");
  const auto text = plan_text(odd, {});
  CHECK(text.find("a\\x1b[2J.b\n") != std::string::npos);
  CHECK(text.find("user  \n") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(last_line(text) == "Plan: 1 to create, 0 to change, 0 to replace, 0 to delete.");
}

TEST_CASE("a value of many lines or of thousands of characters takes one short line", "[view][plan]") {
  auto plan = sample_plan();
  plan.changes.resize(3);
  plan.steps.clear();
  plan.changes[2].decision.differences = {{"content", "one\ntwo", std::string(5000, 'x')}};
  const auto text = plan_text(plan_document(plan), {});
  CHECK(text.find("content  one\\ntwo -> xxx") != std::string::npos);
  CHECK(text.size() < 1500);
  CHECK(plan_text(plan_document(plan), {false, true, 0}).size() > 5000);
}
