#include "forecast/fetch_steps.hpp"

#include <algorithm>

#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

Plan small_plan() {
  Plan plan;
  plan.changes = {Change{{"apt_package", "jq"}, {}, {Action::create}, {}},
                  Change{{"directory", "/ml"}, {}, {Action::create}, {}}};
  AptTransaction transaction;
  transaction.install = {{"jq", {}, {}}};
  transaction.expected = {{"jq", "", "1.6"}};
  plan.steps = {PlannedStep{1, transaction, {0}, {}}, PlannedStep{2, MakeDirectory{"/ml"}, {1}, {1}},
                PlannedStep{3, RunCheck{"c"}, {1}, {2}}};
  return plan;
}

PythonCaches caches_in(const std::string& folder) {
  const PythonCache users{{folder, Privilege::user}, {}};
  return {users, users};
}

}  // namespace

TEST_CASE("all that changes the host waits for the downloads", "[forecast][fetch]") {
  auto plan = small_plan();
  const auto host = recorded_reader({});
  AptForecast apt;
  apt.downloads = {{"http://x.example/jq.deb", "jq_1.6_amd64.deb", 5000}};
  PipForecast pip;
  pip.wheels = {
      {{"numpy", "1", "numpy-1.whl", "https://y.example/numpy-1.whl", "aa"}, "/v", {}, {7000, {}, false}}};
  add_fetch_steps(plan, apt, pip, caches_in("/cache"), *host);
  REQUIRE(plan.steps.size() == 5);
  const auto* packages = std::get_if<FetchPackages>(&plan.steps[0].step);
  REQUIRE(packages != nullptr);
  CHECK(packages->bytes == 5000);
  CHECK(packages->transactions.size() == 1);
  REQUIRE(std::holds_alternative<FetchWheels>(plan.steps[1].step));
  CHECK(step_title(plan.steps[1].step) == "download 1 wheel, 7.0 kB");
  for (std::size_t i = 0; i < plan.steps.size(); ++i) CHECK(plan.steps[i].id == static_cast<int>(i) + 1);
  CHECK(plan.steps[2].needs == std::vector<int>{1, 2});
  CHECK(plan.steps[3].needs == std::vector<int>{1, 2, 3});
  CHECK(plan.steps[4].needs == std::vector<int>{4});
  CHECK(plan.steps[0].changes == std::vector<std::size_t>{0, 1});
}

TEST_CASE("wheels go to the cache of whoever installs them, and once where that is one",
          "[forecast][fetch]") {
  const auto host = recorded_reader({});
  const Wheel numpy{"numpy", "1", "numpy-1.whl", "https://y.example/numpy-1.whl", "aa"};
  PipForecast pip;
  pip.wheels = {{numpy, "/home/student/v", Privilege::user, {7000, {}, false}},
                {numpy, "/opt/v", Privilege::root, {7000, {}, false}}};
  auto plan = small_plan();
  add_fetch_steps(plan, {}, pip, {{{"/users", Privilege::user}, {}}, {{"/roots", Privilege::root}, {}}},
                  *host);
  std::vector<Privilege> by;
  for (const auto& each : plan.steps) {
    if (const auto* wheels = std::get_if<FetchWheels>(&each.step)) by.push_back(wheels->privilege);
  }
  CHECK(by.size() == 2);
  CHECK(by.front() != by.back());
  plan = small_plan();
  add_fetch_steps(plan, {}, pip, caches_in("/cache"), *host);
  CHECK(std::count_if(plan.steps.begin(), plan.steps.end(), [](const PlannedStep& each) {
          return std::holds_alternative<FetchWheels>(each.step);
        }) == 1);
}

TEST_CASE("an index that is older than the plan's is updated before the transaction", "[forecast][fetch]") {
  auto plan = small_plan();
  add_index_update(plan);
  REQUIRE(std::holds_alternative<UpdateIndex>(plan.steps[0].step));
  CHECK(plan.steps[1].needs == std::vector<int>{1});
  CHECK(plan.steps[2].needs == std::vector<int>{2});
  add_index_update(plan);
  CHECK(plan.steps.size() == 4);
}
