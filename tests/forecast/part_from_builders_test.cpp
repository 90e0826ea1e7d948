#include "forecast/part_from_builders.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// A compiler and a venv that is there, with what pip is to bring into it; the compiler is needed to build
/// alone.
struct Sample {
  Plan plan;
  Change& compiler() { return plan.changes[0]; }
  Change& package() { return plan.changes[2]; }
  AptTransaction& transaction() { return std::get<AptTransaction>(plan.steps[0].step); }
  PipInstall& call() { return std::get<PipInstall>(plan.steps[2].step); }

  Sample() {
    const Address compiler{"apt_package", "build-essential"}, venv{"venv", "torch"},
        numpy{"pip_package", "torch/numpy"};
    plan.changes = {Change{compiler, {}, {Action::create}, {}}, Change{venv, {}, {Action::create}, {}},
                    Change{numpy, {}, {Action::create}, {compiler, venv}, {compiler}}};
    AptTransaction transaction;
    transaction.install = {{"build-essential", {}, {}}};
    transaction.expected = {{"build-essential", "", "12.9"}, {"libpython3.11-dev", "", "3.11.2-6"}};
    PipInstall call{"/home/student/torch"};
    call.requirements = {"numpy"};
    call.expected = {Wheel{"numpy", "2.0", "", "", ""}};
    plan.steps = {PlannedStep{1, transaction, {0}, {}},
                  PlannedStep{2, MakeDirectory{"/home/student/torch"}, {1}, {}},
                  PlannedStep{3, call, {2}, {1, 2}}};
  }
  std::vector<int> waits() {
    part_from_builders(plan);
    return plan.steps[2].needs;
  }
};

}  // namespace

TEST_CASE("what comes as wheels does not wait for compilers", "[forecast][pip]") {
  CHECK(Sample().waits() == std::vector<int>{2});
}

TEST_CASE("what may have to be compiled waits for compilers", "[forecast][pip]") {
  Sample unknown;
  unknown.call().expected.clear();
  CHECK(unknown.waits() == std::vector<int>{1, 2});
  Sample everywhere;
  everywhere.call().prefix.clear();  // this Python's own pip, which apt may be bringing
  CHECK(everywhere.waits() == std::vector<int>{1, 2});
}

TEST_CASE("what somebody has asked for is waited for, through what is there already too", "[forecast][pip]") {
  Sample asked;
  asked.package().to_build.clear();
  CHECK(asked.waits() == std::vector<int>{1, 2});
  Sample through;
  const Address folder{"directory", "/ml"};
  through.plan.changes.push_back(Change{folder, {}, {Action::none}, {through.compiler().address}});
  through.package().needs.push_back(folder);
  CHECK(through.waits() == std::vector<int>{1, 2});
}

TEST_CASE("pip does not run while its Python is replaced, nor beside a transaction that nobody has foreseen",
          "[forecast][pip]") {
  for (const std::string package :
       {"python3", "python3.11-minimal", "libpython3.11-stdlib", "python3-distutils"}) {
    Sample replaced;
    replaced.transaction().expected.push_back({package, "3.11.2-6", "3.11.2-7"});
    INFO(package);
    CHECK(replaced.waits() == std::vector<int>{1, 2});
  }
  Sample unforeseen;
  unforeseen.transaction().expected.clear();
  CHECK(unforeseen.waits() == std::vector<int>{1, 2});
}
