#include "apply/moved.hpp"
#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("a transaction that apt still means as planned has not moved", "[apply][apt]") {
  AptTransaction step;
  step.expected = {{"jq", "", "1.6"}, {"old", "1", ""}};
  const Output same{0, false, "Remv old [1]\nInst jq (1.6 Debian:12 [amd64])\n", ""};
  CHECK_FALSE(moved_since_planned(step, same));
}

TEST_CASE("what has come as planned in between is not asked of apt again", "[apply][apt]") {
  AptTransaction step;
  step.expected = {{"jq", "", "1.6"}, {"hello", "", "2"}};
  const Output rest{0, false, "Inst hello (2 Debian:12 [amd64])\n", ""};
  CHECK(moved_since_planned(step, rest));
  CHECK_FALSE(moved_since_planned(step, rest, [](const AptEffect& each) { return each.name == "jq"; }));
}

TEST_CASE("a package that is unpacked in the planned version is reached, one of another version is not",
          "[apply][apt]") {
  const SharedText text(
      "Package: jq\nStatus: install ok unpacked\nArchitecture: amd64\nVersion: 1.6\n\n"
      "Package: hello\nStatus: install ok half-configured\nArchitecture: amd64\nVersion: 2\n\n"
      "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 2\n");
  const DpkgStatus packages(std::make_shared<const StatusFile>(cut_status_file(text)), "amd64");
  CHECK(is_reached({"jq", "", "1.6"}, packages));
  CHECK(is_reached({"hello", "1", "2"}, packages));
  CHECK_FALSE(is_reached({"hello", "1", "3"}, packages));
  CHECK(is_reached({"gone", "2", ""}, packages));
  CHECK_FALSE(is_reached({"jq", "1.6", ""}, packages));
}

TEST_CASE("what apt would do otherwise is named, package by package", "[apply][apt]") {
  AptTransaction step;
  step.expected = {{"jq", "", "1.6"}, {"gone", "", "2"}};
  const Output other{0, false, "Inst jq (1.7 Debian:12 [amd64])\nRemv fish [3.1]\n", ""};
  const auto moved = moved_since_planned(step, other);
  REQUIRE(moved);
  CHECK(moved->code == "apply.moved");
  CHECK(moved->message ==
        "apt would do something else than was planned: jq: planned 1.6, now 1.7; gone: planned 2, now as it "
        "is; "
        "fish: not planned, now 3.1 -> absent");
}
