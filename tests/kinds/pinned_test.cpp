#include "kinds/pinned.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

Node text(const std::string& value) {
  Node node;
  node.type = Node::Type::scalar;
  node.text = value;
  return node;
}

Declaration declaration(const std::string& kind, const std::vector<std::string>& names,
                        const std::vector<std::pair<std::string, std::string>>& fields = {}) {
  Declaration made;
  made.kind = kind;
  made.name.type = Node::Type::sequence;
  for (const auto& each : names) made.name.items.push_back(text(each));
  if (names.size() == 1) made.name = text(names.front());
  for (const auto& [field, value] : fields) made.body.emplace_back(text(field), text(value));
  return made;
}

std::string field(const Declaration& made, const std::string& name) {
  for (const auto& [key, value] : made.body) {
    if (key.text == name) return value.text;
  }
  return {};
}

/// What comes of a declaration under a lock, and what is said of it.
struct Outcome {
  std::vector<Declaration> made;
  Diagnostics said;
};

Outcome pin(const Declaration& asked, const Pins& pins) {
  Outcome outcome;
  const User user{"u", "/home/u", "/bin/sh", 1000, 1000};
  const DecodeScope scope{user, {}, outcome.said, {}, nullptr, nullptr, nullptr};
  outcome.made = pinned(asked, pins, scope);
  return outcome;
}

}  // namespace

TEST_CASE("packages of one declaration are fixed each at its own version", "[kinds][lock]") {
  Pins pins;
  pins.versions = {{"apt_package.jq", "1.6"}, {"apt_package.curl", "7.88"}};
  const auto outcome = pin(declaration("apt_package", {"jq", "curl"}, {{"hold", "true"}}), pins);
  REQUIRE(outcome.made.size() == 2);
  CHECK(field(outcome.made[0], "version") == "1.6");
  CHECK(field(outcome.made[1], "version") == "7.88");
  CHECK(field(outcome.made[1], "hold") == "true");
  CHECK(outcome.said.all().empty());
}

TEST_CASE("a requirement keeps its extras and its marker, and what comes along follows it", "[kinds][lock]") {
  Pins pins;
  pins.versions = {{"pip_package.w/jax", "0.4.30"}};
  pins.along = {{"pip_package.w/jax", {"numpy==1.26.4"}}};
  const auto asked =
      declaration("pip_package", {"jax[cuda12]>=0.4; python_version<\"3.13\""}, {{"venv", "w"}});
  const auto outcome = pin(asked, pins);
  REQUIRE(outcome.made.size() == 2);
  CHECK(outcome.made[0].name.text == "jax[cuda12]==0.4.30; python_version<\"3.13\"");
  CHECK(outcome.made[1].name.items.at(0).text == "numpy==1.26.4");
  CHECK(outcome.made[1].locked_with == "pip_package.w/jax");
  CHECK(field(outcome.made[1], "venv") == "w");
}

TEST_CASE("what a recipe excludes, and what is not locked, is told and left as declared", "[kinds][lock]") {
  Pins pins;
  pins.file = "r.yaml.lock";
  pins.versions = {{"pip_package.w/numpy", "1.26.4"}, {"apt_package.jq", "1.6"}};
  auto outcome = pin(declaration("pip_package", {"numpy>=2", "scipy"}, {{"venv", "w"}}), pins);
  REQUIRE(outcome.said.all().size() == 2);
  CHECK_FALSE(outcome.said.failed());
  CHECK(outcome.said.all()[0].message == "`numpy>=2` does not allow the version that is locked, 1.26.4");
  CHECK(outcome.said.all()[1].message == "`scipy` is declared and not locked");
  CHECK(outcome.made[0].name.text == "numpy>=2");
  pins.misfit = Pins::Misfit::refuse;
  outcome = pin(declaration("apt_package", {"jq"}, {{"version", ">=1.7"}}), pins);
  CHECK(outcome.said.failed());
  CHECK(field(outcome.made.at(0), "version") == ">=1.7");
}

TEST_CASE("`auto` becomes what was settled under the address that it had", "[kinds][lock]") {
  Pins pins;
  pins.fields = {{"cuda_toolkit.auto", {{"", "11.0"}}},
                 {"framework.torch", {{"version", "1.7.1"}, {"cuda", "cu110"}}}};
  const auto toolkit = pin(declaration("cuda_toolkit", {"auto"}), pins);
  CHECK(toolkit.made.at(0).name.text == "11.0");
  REQUIRE(toolkit.made.at(0).id);
  CHECK(toolkit.made.at(0).id->text == "auto");
  const auto torch = pin(declaration("framework", {"torch"}, {{"version", ">=1.7,<2"}}), pins);
  CHECK(field(torch.made.at(0), "version") == "1.7.1");
  CHECK(field(torch.made.at(0), "cuda") == "cu110");
  const auto other = pin(declaration("framework", {"torch"}, {{"version", "2.4.1"}}), pins);
  CHECK(field(other.made.at(0), "version") == "2.4.1");
  CHECK(other.said.all().size() == 1);
}

TEST_CASE("what is to go, and what is asked to move, is not fixed", "[kinds][lock]") {
  Pins pins;
  pins.versions = {{"apt_package.jq", "1.6"}};
  auto absent = declaration("apt_package", {"jq"});
  absent.state = text("absent");
  CHECK(field(pin(absent, pins).made.at(0), "version").empty());
  Pins moving;
  moving.misfit = Pins::Misfit::expect;
  moving.latest = {"jq"};
  const auto outcome = pin(declaration("apt_package", {"jq", "curl"}), moving);
  CHECK(outcome.said.all().empty());
  REQUIRE(outcome.made[0].state);
  CHECK(outcome.made[0].state->text == "latest");
  CHECK_FALSE(outcome.made[1].state);
}
