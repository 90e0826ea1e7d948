#include "view/html_page.hpp"

#include <regex>
#include <sstream>

#include "sample_plan.hpp"
#include "support/catch.hpp"
#include "view/html_text.hpp"
#include "view/plan_document.hpp"

using namespace mlenv;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* evil = "</script></style>\"'><img src=x onerror=alert(1)><a href=javascript:x>";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++number;
  return number;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The text of a plan document with everything that may be in one.
Json full_plan() {
  auto plan = plan_document(sample_plan());
  plan["changes"][2]["packages"] = Json::parse(R"([
    {"manager": "apt", "name": "libcudnn8", "architecture": "amd64", "action": "upgrade", "before": "8.0.4", "after": "8.0.5",
     "origin": "NVIDIA:/", "file": "l.deb", "download_bytes": 1500000, "disk_bytes": 4000, "declared": true},
    {"manager": "apt", "name": "old-one", "architecture": "amd64", "action": "remove", "before": "1", "after": null,
     "origin": null, "file": null, "download_bytes": null, "disk_bytes": -9000, "declared": false}])");
  plan["changes"][1]["diff"] = "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n";
  plan["changes"][3]["known_after"] = 2;
  plan["cost"] =
      Json::parse(R"({"download_bytes": 1500000, "disk_bytes": 2000, "reboot": "required", "login": true,
    "downloads": [{"source": "deb.debian.org", "files": 12, "bytes": 1500000, "cached_bytes": 500}],
    "disk": [{"mount": "/boot", "need_bytes": 300, "free_bytes": 100, "for": ["initramfs"], "estimated": true},
             {"mount": "/", "need_bytes": 300, "free_bytes": null, "for": ["packages"], "estimated": false}],
    "services": ["ssh.service"], "estimates": ["wheels unpack to twice their size"]})");
  return plan;
}

/// Every text of a document replaced, what is counted by left alone.
void poison(Json& node, const std::string& key = {}) {
  if (node.is_string()) {
    if (key != "action" && key != "severity" && key != "event" && key != "status") node = evil;
  } else if (node.is_object()) {
    Json poisoned = Json::object();
    for (auto& [name, value] : node.items()) {
      poison(value, name);
      const bool values = key == "before" || key == "after";
      poisoned[values ? evil : name] = value;
    }
    node = poisoned;
  } else if (node.is_array()) {
    for (auto& each : node) poison(each, key);
  }
}

/// A run in which a step goes well, one fails, one is not reached, and one has no end.
const std::string journal = R"({"format":"mlenvctl.events/1"}
{"event":"run_started","at":"2021-03-04T05:06:07.000Z","run_id":"r1","recipe":"lab","steps":4}
{"event":"step_started","at":"2021-03-04T05:06:07.500Z","step":1,"title":"make the folder /ml","command":null}
{"event":"step_finished","at":"2021-03-04T05:06:09.500Z","step":1,"title":"make the folder /ml","status":"ok","reason":null,"hint":null,"code":null,"command":null,"exit_code":null,"output":[],"changes":["directory./ml"],"seconds":2.0}
{"event":"step_started","at":"2021-03-04T05:06:09.500Z","step":2,"title":"install things","command":["apt-get","install","x y"]}
{"event":"step_output","step":2,"line":"E: <b>no</b>\tspace https://me:secret@deb.example/"}
{"event":"step_finished","at":"2021-03-04T05:06:10.500Z","step":2,"title":"install things","status":"failed","reason":"apt-get failed","hint":"make room","code":"apt.failed","command":["apt-get","install","x y"],"exit_code":100,"output":["E: <b>no</b>"],"changes":["apt_package.x"],"seconds":1.0}
{"event":"step_finished","at":"2021-03-04T05:06:10.500Z","step":3,"title":"check: it works","status":"skipped","reason":"it needs `apt_package.x`, which failed","hint":null,"code":null,"command":null,"exit_code":null,"output":[],"changes":["check.it works"],"seconds":0.0}
{"event":"step_started","at":"2021-03-04T05:06:10.600Z","step":4,"title":"another","command":null}
{"event":"run_finished","at":"2021-03-04T05:06:11.000Z","run_id":"r1","status":"failed","done":1,"failed":1,"skipped":1,"seconds":4.0}
{"event":"step_out)";

void check_nothing_outside(const std::string& page) {
  const std::regex reference(R"re( (href|src|action|data|poster|srcset|xlink:href)="([^"]*)")re");
  for (std::sregex_iterator each(page.begin(), page.end(), reference), end; each != end; ++each) {
    INFO(each->str());
    const auto target = (*each)[2].str();
    CHECK((target == "data:," || target.substr(0, 1) == "#"));
  }
  CHECK_FALSE(has(page, "url("));
  CHECK_FALSE(has(page, "@import"));
  CHECK(has(page, "default-src 'none'; style-src 'sha256-"));
  CHECK_FALSE(has(page, "unsafe-"));
}

void check_own_markup_alone(const std::string& page) {
  CHECK_FALSE(has(page, "<img"));
  CHECK_FALSE(has(page, "<a href=j"));
  CHECK(count(page, "<script") == 1);
  CHECK(count(page, "</script>") == 1);
  CHECK(count(page, "<style") == 1);
  CHECK(count(page, "</style>") == 1);
}

}  // namespace

TEST_CASE("a page shows every change with its mark, reason and place", "[view][html]") {
  const auto plan = full_plan();
  const auto page = plan_page(plan);
  for (const auto& change : plan["changes"]) {
    const auto address = html(change["address"].get<std::string>());
    INFO(address);
    CHECK(has(page, "<code class=\"address\">" + address + "</code>"));
    CHECK(has(page, prose(change["reason"].get<std::string>())));
  }
  CHECK(count(page, "<details data-action=") == plan["changes"].size());
  CHECK(count(page, "<a class=\"node ") == plan["changes"].size());
  CHECK(has(page, "<code>lab.yaml:9:5</code>"));
  CHECK(has(page,
            "/usr/bin/python3.6 (missing)</span> <span class=\"arrow\">-&gt;</span> <span class=\"new\">"));
  CHECK(has(page, "<a href=\"#s2\">step 2</a>: the rest cannot be told before"));
  for (const char* mark : {">+<", ">~<", ">-/+<", ">-<", ">?<", ">!<", ">=<"}) CHECK(has(page, mark));
  CHECK(has(page, "<b>2</b> to create"));
}

TEST_CASE("nothing of a document becomes markup", "[view][html]") {
  auto plan = full_plan();
  poison(plan);
  const auto page = plan_page(plan);
  check_own_markup_alone(page);
  check_nothing_outside(page);
  CHECK(has(page, "&lt;/script&gt;&lt;/style&gt;&quot;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;"));
}

TEST_CASE("nothing of a journal becomes markup", "[view][html]") {
  std::string poisoned;
  std::istringstream lines(journal);
  for (std::string line; std::getline(lines, line);) {
    auto event = Json::parse(line, nullptr, false);
    if (!event.is_object()) continue;
    poison(event);
    poisoned += event.dump() + "\n";
  }
  auto plan = full_plan();
  poison(plan);
  check_own_markup_alone(run_page(plan, poisoned));
  check_nothing_outside(run_page(plan, poisoned));
  check_own_markup_alone(
      history_page({{{{"run_id", evil}, {"started", evil}, {"recipe", evil}, {"status", evil}}, poisoned}}));
}

TEST_CASE("a page refers to nothing outside itself", "[view][html]") {
  check_nothing_outside(plan_page(full_plan()));
  check_nothing_outside(run_page(full_plan(), journal));
  check_nothing_outside(history_page({{{{"run_id", "r1"}}, journal}}));
  CHECK(policy_hash("") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST_CASE("a saved plan gives the same page", "[view][html]") {
  const auto plan = full_plan();
  CHECK(plan_page(plan) == plan_page(Json::parse(dump(plan))));
}

TEST_CASE("edges of the graph point to what is needed", "[view][html]") {
  const auto page = plan_page(plan_document(sample_plan()));
  // venv.torch (3) needs the folder (1), which needs another (0).
  CHECK(has(page, "<g class=\"edge\" data-from=\"3\" data-to=\"1\">"));
  CHECK(has(page, "<g class=\"edge\" data-from=\"1\" data-to=\"0\">"));
  CHECK_FALSE(has(page, "data-from=\"1\" data-to=\"3\""));
}

TEST_CASE("packages are folded with their counts, and open where something goes", "[view][html]") {
  auto plan = full_plan();
  const auto page = plan_page(plan);
  CHECK(
      has(page, "<details class=\"packages\" open><summary>2 packages: 1 to remove, 1 to upgrade</summary>"));
  CHECK(has(page, "<code>8.0.4</code> <span class=\"arrow\">-&gt;</span> <code>8.0.5</code>"));
  CHECK(has(page, "<td class=\"number\">1.5 MB</td>"));
  CHECK(page.find("old-one") < page.find("<code>libcudnn8 <span class=\"tag\">declared</span>"));
  plan["changes"][2]["packages"].erase(1);
  CHECK(has(plan_page(plan), "<details class=\"packages\"><summary>1 package: 1 to upgrade</summary>"));
}

TEST_CASE("a diff keeps its signs", "[view][html]") {
  const auto page = plan_page(full_plan());
  CHECK(has(page, "<span class=\"remove\">-old</span>\n<span class=\"add\">+new</span>\n<span> same</span>"));
}

TEST_CASE("the price tag says what is too little, and what is an estimate", "[view][html]") {
  const auto page = plan_page(full_plan());
  CHECK(has(page, "<td class=\"number\">about 300 B</td>"));
  CHECK(has(page, "! 200 B too little"));
  CHECK(has(page, "wheels unpack to twice their size"));
  CHECK(has(page, "ssh.service"));
  CHECK(has(page,
            "<code>deb.debian.org</code></td><td class=\"number\">12</td><td class=\"number\">1.5 MB</td>"));
  auto plan = full_plan();
  plan["cost"] = {{"download_bytes", nullptr}, {"disk_bytes", nullptr}, {"reboot", "no"}};
  CHECK(has(plan_page(plan), "<dt>to download</dt><dd><span class=\"dim\">not known</span></dd>"));
}

TEST_CASE("sizes are told as apt tells them", "[view][html]") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(999.9e3) == "1.0 MB");
  CHECK(bytes_text(12'345'678) == "12.3 MB");
  CHECK(bytes_text(-351'000) == "-351 kB");
  CHECK(bytes_text(9.99e9) == "10.0 GB");
}

TEST_CASE("credentials of an edited document reach no page", "[view][html]") {
  auto plan = full_plan();
  plan["changes"][1]["diff"] = "+https://me:secret@deb.example/\n";
  plan["steps"][0]["command"] = {"curl", "https://me:secret@deb.example/"};
  CHECK_FALSE(has(plan_page(plan), "secret@"));
  CHECK_FALSE(has(run_page(plan, journal), "secret@"));
}

TEST_CASE("a document of another shape is shown as far as it goes", "[view][html]") {
  CHECK(has(plan_page(Json::object()), "</html>"));
  CHECK(has(plan_page(Json::array()), "</html>"));
  const auto odd =
      Json::parse(R"({"recipe": 7, "host": [], "cost": [], "changes": [3, {"action": "conjure", "address":
    "a\u202eb", "needs": ["a\u202eb", 5], "before": 4, "after": {"x": null, "y": [1]}, "packages": [4, {"action": "eat"}],
    "diff": 5, "known_after": {}}], "steps": {"id": 1}, "findings": [1, {"severity": 4}]})");
  const auto page = plan_page(odd);
  CHECK(has(page, "a\\u{202e}b"));
  CHECK(has(page, "conjure"));
  CHECK(has(run_page(nullptr, "no journal\n[1]\n"), "</html>"));
}

TEST_CASE("a run's page tells failures first, then what was not reached, then the rest", "[view][html]") {
  const auto page = run_page(full_plan(), journal);
  const auto logs = page.substr(page.find("<section id=\"logs\""));
  CHECK(logs.find("install things") < logs.find("check: it works"));
  CHECK(logs.find("check: it works") < logs.find("make the folder /ml"));
  CHECK(has(logs, "<details class=\"log s-failed\" open>"));
  CHECK(has(logs, "E: &lt;b&gt;no&lt;/b&gt;    space https://***@deb.example/"));
  CHECK(has(logs, "apt-get install &#39;x y&#39;"));
  CHECK(has(logs, "exit code 100"));
  CHECK(has(logs, "<b>hint:</b> make room"));
  CHECK(has(page, "<strong>\u2717 failed</strong> 1 done, 1 failed, 1 not reached, in 4 s"));
  CHECK(has(page, "began 2021-03-04 05:06:07 UTC"));
}

TEST_CASE("the time line has a bar for each step that ran, where and as long as it ran", "[view][html]") {
  const auto page = run_page(nullptr, journal);
  CHECK(has(page, "<rect class=\"bar s-ok\" x=\"12.50%\" y=\"5\" width=\"50.00%\""));
  CHECK(has(page, "<rect class=\"bar s-failed\" x=\"62.50%\" y=\"5\" width=\"25.00%\""));
  CHECK(count(page, "<rect class=\"bar ") == 3);
  CHECK(has(page, "cut short"));
  CHECK(has(page, "<span class=\"took\">not reached</span>"));
  CHECK_FALSE(has(page, "<section id=\"changes\""));
}

TEST_CASE("of a long output the beginning and the end are shown, and how much lies between", "[view][html]") {
  std::string log =
      R"({"event":"step_started","at":"2021-03-04T05:06:07.500Z","step":1,"title":"t","command":null})"
      "\n";
  for (int i = 0; i < 3000; ++i)
    log += R"({"event":"step_output","step":1,"line":"line )" + std::to_string(i) + "\"}\n";
  const auto page = run_page(nullptr, log);
  CHECK(has(page, "line 99\n"));
  CHECK_FALSE(has(page, "line 100\n"));
  CHECK(has(page, "2000 lines left out"));
  CHECK_FALSE(has(page, "line 2099\n"));
  CHECK(has(page, "line 2100\n"));
  CHECK(has(page, "line 2999\n"));
}
