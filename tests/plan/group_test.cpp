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
