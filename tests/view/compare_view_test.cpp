#include "view/compare_view.hpp"

#include "golden.hpp"
#include "view/plan_document.hpp"

using namespace mlenv;

namespace {

Portrait portrait(const std::string& name, const std::string& driver, const std::string& torch) {
  Portrait portrait;
  portrait.hostname = name;
  portrait.os = "ubuntu 22.04";
  portrait.traits = {{"driver", "loaded", driver, true},
                     {"driver", "kernel modules", std::string("open"), true},
                     {"system", "kernel", std::string("6.8.0"), false}};
  VenvPortrait venv{"~/ml/torch", {{"venv ~/ml/torch", "torch", torch, true}}};
  portrait.venvs = {venv};
  portrait.packages = {{"apt packages", "jq", std::string("1.6-2"), false}};
  return portrait;
}

nlohmann::ordered_json different_hosts() {
  auto mine = portrait("gpu01", "470.82.01", "2.4.1+cu124"),
       hers = portrait("gpu02", "550.54.15", "2.4.1+cu118");
  mine.traits.push_back({"cards", "card 1", Unknown{"there is no /sys to look at"}, true});
  hers.traits.push_back({"cards", "card 1", std::string("GeForce RTX 3090"), true});
  hers.venvs.push_back({"~/other", {}});
  hers.packages.clear();
  for (int i = 10; i < 30; ++i)
    hers.packages.push_back({"apt packages", "p" + std::to_string(i), std::string("1"), false});
  mine.conflicts = {"~/ml/torch: torch 2.4.1 for CUDA 12.4 needs driver 525.60.13 or newer"};
  return compare_document({"this host", mine}, {"hosts/gpu02.json", hers}, compare(mine, hers));
}

}  // namespace

TEST_CASE("what decides on the GPU comes first, and long lists are folded", "[view][compare]") {
  const auto document = different_hosts();
  check_golden("compare.txt", compare_text(document, {}));
  check_golden("compare.md", compare_markdown(document));
  check_golden("compare.json", dump(document));
}

TEST_CASE("equal hosts have no differences", "[view][compare]") {
  const auto one = portrait("gpu01", "550", "2"), other = portrait("gpu01", "550", "2");
  const auto document = compare_document({"a.json", one}, {"b.json", other}, compare(one, other));
  CHECK(document["different"].empty());
  CHECK(compare_text(document, {}).find("No differences in 5 things.") != std::string::npos);
}

TEST_CASE("venvs stand for each other by path, by name, or when they are the only ones", "[view][compare]") {
  auto one = portrait("a", "1", "2.4.1"), other = portrait("b", "1", "2.6.0");
  other.venvs[0].path = "~/venvs/torch";
  auto result = compare(one, other);
  REQUIRE(result.different.size() == 1);
  CHECK(result.different[0].section == "venv ~/ml/torch and ~/venvs/torch");
  other.venvs[0].path = "/opt/env";
  CHECK(compare(one, other).different.size() == 1);
  other.venvs.push_back({"/opt/second", {}});
  CHECK(compare(one, other).different.size() == 3);
}
