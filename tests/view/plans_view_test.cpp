#include "view/plans_view.hpp"

#include "golden.hpp"
#include "view/markdown.hpp"
#include "view/plan_document.hpp"
#include "view/plans_document.hpp"

using namespace mlenv;

namespace {

HostPlan planned(const std::string& name, std::vector<Change> changes, std::vector<std::string> gpus) {
  HostPlan host{"hosts/" + name + ".json", std::move(gpus), HostStatus::planned, {}};
  host.plan.recipe.name = "lab";
  host.plan.host.hostname = name;
  host.plan.host.os = "debian 12";
  host.plan.changes = std::move(changes);
  return host;
}

std::vector<Change> upgrade() {
  Change torch{
      {"pip_package", "torch/torch"}, {}, {Action::update, "its version does not fit", {}, {}, {}}, {}};
  torch.decision.differences = {{"version", "2.4.1+cu124", "2.6.0+cu124"}};
  Change folder{{"directory", "/srv/data"}, {}, {Action::create, "it is not there", {}, {}, {}}, {}};
  Change jq{{"apt_package", "jq"}, {}, {}, {}};
  return {torch, folder, jq};
}

std::vector<HostPlan> lab() {
  std::vector<HostPlan> hosts = {planned("gpu01", upgrade(), {"GeForce RTX 3090"}),
                                 planned("gpu02", upgrade(), {"Tesla T4", "Tesla T4"}),
                                 planned("gpu03", {{{"apt_package", "jq"}, {}, {}, {}}}, {}),
                                 planned("gpu04", upgrade(), {"GeForce RTX 3070"}),
                                 planned("gpu05", {}, {}),
                                 planned("odd|name`<b>", {}, {})};
  hosts[3].plan.changes[0].decision = {Action::unknown, "the record does not tell", {}, {}, {}};
  hosts[3].plan.changes[1].decision = {Action::manual, "it is no folder", {}, {}, {}};
  hosts[4].status = HostStatus::refused;
  hosts[4].plan.findings = {{"requires.unmet",
                             Severity::error,
                             "the requirement `driver: >=525` is not met: this host has none",
                             "",
                             {}}};
  hosts[5].status = HostStatus::unreadable;
  hosts[5].plan.findings = {{"host.record", Severity::error, "odd.json: 3:1: this is not JSON", "", {}}};
  return hosts;
}

}  // namespace

TEST_CASE("several hosts are a table, with what happens once for those alike", "[view][plans]") {
  const auto document = plans_document(lab());
  check_golden("plans.txt", plans_text(document, {}));
  check_golden("plans.md", plans_markdown(document));
}

TEST_CASE("with -v every host is opened", "[view][plans]") {
  Style style;
  style.verbose = true;
  check_golden("plans-verbose.txt", plans_text(plans_document(lab()), style));
}

TEST_CASE("the document of several hosts has each host's plan", "[view][plans]") {
  const auto document = plans_document(lab());
  CHECK(document["summary"].dump() == R"({"hosts":6,"pending":3,"as_declared":1,"refused":1,"failed":1})");
  const auto& first = document["hosts"][0];
  CHECK(first["format"] == "mlenvctl.plan/1");
  CHECK(first["record"] == "hosts/gpu01.json");
  CHECK(first["changes"].size() == 3);
  CHECK(document["hosts"][4]["status"] == "refused");
}

TEST_CASE("hosts of one name are called by their records", "[view][plans]") {
  auto hosts = lab();
  hosts[1].plan.host.hostname = "gpu01";
  const auto text = plans_text(plans_document(hosts), {});
  CHECK(text.find("\n  gpu02 ") != std::string::npos);
}

TEST_CASE("Markdown shows text as it stands", "[view][markdown]") {
  CHECK(markdown_text("a|b <i> *c* @you #1") == "a\\|b &lt;i&gt; \\*c\\* \\@you \\#1");
  CHECK(markdown_code("x`y") == "``x`y``");
  CHECK(markdown_block("```\n", "diff") == "````diff\n```\n````\n");
}
