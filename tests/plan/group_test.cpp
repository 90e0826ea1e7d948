#include "plan/group.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

Change change(const std::string& name, std::vector<Step> steps) {
  Change made;
  made.address = {"test", name};
  made.decision.action = steps.empty() ? Action::none : Action::create;
  made.decision.steps = std::move(steps);
  return made;
}

AptTransaction install(const std::string& name) {
  AptTransaction step;
  step.install = {{name, ""}};
  return step;
}

WriteFile write(const std::string& path) {
  WriteFile step;
  step.path = path;
  return step;
}

std::vector<PlannedStep> lay_out(const std::vector<Change>& changes,
                                 const std::vector<std::vector<std::size_t>>& needs) {
  return lay_out_steps(changes, needs, std::vector<bool>(changes.size(), true));
}

}  // namespace

TEST_CASE("packages that can go together are one apt transaction", "[plan][group]") {
  const auto steps = lay_out(
      {change("a", {install("a")}), change("w", {write("/w")}), change("b", {install("b")})}, {{}, {}, {1}});
  REQUIRE(steps.size() == 2);
  CHECK(std::get<WriteFile>(steps[0].step).path == "/w");
  CHECK(std::get<AptTransaction>(steps[1].step).install == std::vector<AptItem>{{"a", ""}, {"b", ""}});
  CHECK(steps[1].changes == std::vector<std::size_t>{0, 2});
  CHECK(steps[1].needs == std::vector<int>{1});
}

TEST_CASE("a step that must come between keeps two transactions apart", "[plan][group]") {
  const auto steps = lay_out(
      {change("a", {install("a")}), change("w", {write("/w")}), change("b", {install("b")})}, {{}, {0}, {1}});
  REQUIRE(steps.size() == 3);
  CHECK(steps[1].needs == std::vector<int>{1});
  CHECK(steps[2].needs == std::vector<int>{2});
}

TEST_CASE("a package that needs another shares its transaction", "[plan][group]") {
  const auto steps = lay_out({change("a", {install("a")}), change("b", {install("b")})}, {{}, {0}});
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].needs.empty());
}

TEST_CASE("two merge keys that cross do not end in a circle", "[plan][group]") {
  PipInstall one, two;
  one.prefix = two.prefix = "/v";
  one.requirements = {"one"};
  two.requirements = {"two"};
  // apt a -> pip one, and pip two -> apt b: merging both keys whole would be a cycle.
  const auto steps = lay_out(
      {change("a", {install("a")}), change("one", {one}), change("two", {two}), change("b", {install("b")})},
      {{}, {0}, {}, {2}});
  for (const auto& step : steps) {
    for (const auto need : step.needs) CHECK(need < step.id);
  }
  CHECK(steps.size() == 3);
}

TEST_CASE("a change without steps passes on what it waits for", "[plan][group]") {
  const auto steps =
      lay_out({change("w", {write("/w")}), change("none", {}), change("v", {write("/v")})}, {{}, {0}, {1}});
  REQUIRE(steps.size() == 2);
  CHECK(steps[1].needs == std::vector<int>{1});
}

namespace {

/// Runs a text over and over: `count` changes that install a package each.
std::vector<Change> installing(std::size_t count) {
  std::vector<Change> changes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = "p" + std::to_string(i);
    changes.push_back(change(name, {install(name)}));
  }
  return changes;
}

PipInstall into(const std::string& prefix, const std::string& requirement) {
  PipInstall step;
  step.prefix = prefix;
  step.requirements = {requirement};
  return step;
}

}  // namespace

TEST_CASE("tens of thousands of packages are one transaction, in the recipe's order", "[plan][group]") {
  constexpr std::size_t count = 50000;
  const auto steps = lay_out(installing(count), std::vector<std::vector<std::size_t>>(count));
  REQUIRE(steps.size() == 1);
  const auto& items = std::get<AptTransaction>(steps[0].step).install;
  REQUIRE(items.size() == count);
  CHECK(items.front().name == "p0");
  CHECK(items.back().name == "p49999");
  CHECK(steps[0].changes.size() == count);
}

TEST_CASE("each of thousands of venvs has one pip call, behind what it waits for", "[plan][group]") {
  constexpr std::size_t venvs = 3000;
  std::vector<Change> changes;
  std::vector<std::vector<std::size_t>> needs;
  for (std::size_t i = 0; i < venvs; ++i) {
    const auto prefix = "/v" + std::to_string(i);
    changes.push_back(change(prefix, {write(prefix)}));
    needs.emplace_back();
    for (const auto* name : {"one", "two", "three"}) {
      changes.push_back(change(prefix + name, {into(prefix, name)}));
      needs.push_back({4 * i});
    }
  }
  const auto steps = lay_out(changes, needs);
  REQUIRE(steps.size() == 2 * venvs);
  for (std::size_t i = 0; i < venvs; ++i) {
    const auto& call = std::get<PipInstall>(steps[2 * i + 1].step);
    CHECK(call.requirements == std::vector<std::string>{"one", "two", "three"});
    CHECK(steps[2 * i + 1].needs == std::vector<int>{steps[2 * i].id});
  }
}

TEST_CASE("rounds of one key are told through many others", "[plan][group]") {
  // apt a -> pip one -> write w -> pip two -> apt b, and pip three that is free.
  const auto steps = lay_out({change("a", {install("a")}), change("one", {into("/v", "one")}),
                              change("w", {write("/w")}), change("two", {into("/v", "two")}),
                              change("b", {install("b")}), change("three", {into("/v", "three")})},
                             {{}, {0}, {1}, {2}, {3}, {}});
  REQUIRE(steps.size() == 5);
  CHECK(std::get<PipInstall>(steps[1].step).requirements == std::vector<std::string>{"one", "three"});
  CHECK(std::get<PipInstall>(steps[3].step).requirements == std::vector<std::string>{"two"});
  CHECK(steps[4].needs == std::vector<int>{4});
}
