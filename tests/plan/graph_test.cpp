#include "plan/graph.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

bool always_same(const void*, const void*) { return true; }
bool never_same(const void*, const void*) { return false; }

Resource resource(const std::string& name, const std::vector<std::string>& needs = {}) {
  Resource made;
  made.address = {"t", name};
  made.same_spec = always_same;
  made.spec = std::make_shared<int>(0);
  for (const auto& need : needs) made.needs.push_back({{"t", need}, {}});
  return made;
}

Want wants(Capability capability, Want::Match match, std::vector<std::string> names, Strength strength) {
  Want want;
  want.capability = capability;
  want.match = match;
  want.names = std::move(names);
  want.strength = strength;
  return want;
}

}  // namespace

TEST_CASE("what is free keeps the recipe's order", "[plan][graph]") {
  Diagnostics diagnostics;
  const auto graph = link({resource("c", {"a"}), resource("b"), resource("a")}, diagnostics);
  REQUIRE(graph);
  CHECK(graph->order == std::vector<std::size_t>{1, 2, 0});
}

TEST_CASE("a cycle is told member by member", "[plan][graph]") {
  Diagnostics diagnostics;
  CHECK_FALSE(link({resource("free"), resource("a", {"b"}), resource("b", {"c"}), resource("c", {"a"})},
                   diagnostics));
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].message ==
        "these resources need each other in a circle: t.a -> t.b -> t.c -> t.a");
  CHECK(diagnostics.all()[0].labels.size() == 3);
}

TEST_CASE("an unknown address is answered with the nearest one", "[plan][graph]") {
  Diagnostics diagnostics;
  CHECK_FALSE(link({resource("torch"), resource("x", {"torhc"})}, diagnostics));
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].hint == "did you mean `t.torch`?");
}

TEST_CASE("identical repeats are one resource, different ones an error", "[plan][graph]") {
  Diagnostics fine, wrong;
  const auto graph = link({resource("a"), resource("a")}, fine);
  REQUIRE(graph);
  CHECK(graph->resources.size() == 1);
  auto other = resource("a");
  auto first = resource("a");
  other.same_spec = first.same_spec = never_same;
  CHECK_FALSE(link({first, other}, wrong));
  CHECK(wrong.all()[0].code == "graph.duplicate-address");
}

TEST_CASE("a soft edge yields to an explicit need", "[plan][graph]") {
  Diagnostics diagnostics;
  auto package = resource("ca-certificates");
  package.wants.push_back(wants(Capability::package_source, Want::Match::all, {}, Strength::soft));
  auto repository = resource("repo", {"ca-certificates"});
  repository.offers.push_back({Capability::package_source, "repo"});
  const auto graph = link({package, repository}, diagnostics);
  REQUIRE(graph);
  CHECK(graph->order == std::vector<std::size_t>{0, 1});
}

TEST_CASE("what is there already does not pass on the wait for where it comes from", "[plan][graph]") {
  for (const bool asked : {false, true}) {
    Diagnostics diagnostics;
    auto repository = resource("repo"), package = resource("package");
    repository.offers.push_back({Capability::package_source, "repo"});
    auto sources = wants(Capability::package_source, Want::Match::all, {}, Strength::soft);
    sources.to_bring = true;
    package.wants.push_back(sources);
    if (asked) package.needs = resource("x", {"repo"}).needs;
    const auto graph = link({repository, package}, diagnostics);
    REQUIRE(graph);
    CHECK(graph->needs[1] == std::vector<std::size_t>{0});
    CHECK(graph->to_bring[1].empty() == asked);  // what somebody has asked for is always waited for
  }
}

TEST_CASE("what waits for a boot holds back only who says so", "[plan][graph]") {
  for (const bool with_drivers : {false, true}) {
    Diagnostics diagnostics;
    auto driver = resource("driver"), docker = resource("docker"), service = resource("service");
    driver.offers.push_back({Capability::apt_package, "nvidia-driver-580"});
    driver.reboots = true;
    docker.offers.push_back({Capability::apt_package, "docker.io"});
    std::vector<std::string> told;
    auto want = wants(Capability::apt_package, Want::Match::all, {}, Strength::soft);
    want.with_drivers = with_drivers;
    want.take = [&](const Offer& offer) { told.push_back(offer.name); };
    service.wants.push_back(want);
    const auto graph = link({driver, docker, service}, diagnostics);
    REQUIRE(graph);
    CHECK(graph->needs[2].size() == (with_drivers ? 2 : 1));
    CHECK(told.size() == graph->needs[2].size());
  }
}

TEST_CASE("a path needs the nearest declared folder above it", "[plan][graph]") {
  Diagnostics diagnostics;
  auto inner = resource("inner");
  inner.wants.push_back(wants(Capability::path, Want::Match::above, {"/ml/a/b/c"}, Strength::soft));
  auto near = resource("near"), far = resource("far");
  near.offers.push_back({Capability::path, "/ml/a"});
  far.offers.push_back({Capability::path, "/ml"});
  const auto graph = link({inner, far, near}, diagnostics);
  REQUIRE(graph);
  CHECK(graph->needs[0] == std::vector<std::size_t>{2});
}

TEST_CASE("absent resources go in the reverse order", "[plan][graph]") {
  Diagnostics diagnostics;
  auto venv = resource("venv"), package = resource("package", {"venv"});
  venv.state = package.state = Presence::absent;
  const auto graph = link({venv, package}, diagnostics);
  REQUIRE(graph);
  CHECK(graph->order == std::vector<std::size_t>{1, 0});
}

TEST_CASE("a target brings what it needs and nothing else", "[plan][graph]") {
  Diagnostics diagnostics;
  auto graph = link({resource("a"), resource("b", {"a"}), resource("c")}, diagnostics);
  REQUIRE(graph);
  const auto part = select_targets(std::move(*graph), {"t.b"}, diagnostics);
  REQUIRE(part);
  CHECK(part->resources.size() == 2);
  CHECK(part->order == std::vector<std::size_t>{0, 1});
}

TEST_CASE("a chain of a hundred thousand is linked, and so is told when it bites its tail", "[plan][graph]") {
  constexpr int count = 100000;
  const auto chain = [&](bool closed) {
    std::vector<Resource> all = {closed ? resource("r0", {"r" + std::to_string(count - 1)}) : resource("r0")};
    for (int i = 1; i < count; ++i)
      all.push_back(resource("r" + std::to_string(i), {"r" + std::to_string(i - 1)}));
    return all;
  };
  Diagnostics fine, wrong;
  const auto graph = link(chain(false), fine);
  REQUIRE(graph);
  CHECK(graph->order.back() == count - 1);
  CHECK_FALSE(link(chain(true), wrong));
  CHECK(wrong.all().size() == 1);
}

TEST_CASE("thousands of wrong names are answered at once, the first of them with the nearest right one",
          "[plan][graph]") {
  std::vector<Resource> all;
  for (int i = 0; i < 5000; ++i) {
    const auto number = std::to_string(i);
    all.push_back(resource("right" + number, {"righ" + number}));
  }
  Diagnostics diagnostics;
  CHECK_FALSE(link(std::move(all), diagnostics));
  REQUIRE(diagnostics.all().size() == 5000);
  CHECK(diagnostics.all()[0].hint);
  CHECK_FALSE(diagnostics.all()[4999].hint);
}
