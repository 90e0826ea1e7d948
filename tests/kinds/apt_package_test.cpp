#include "kinds/kind_bench.hpp"

using namespace mlenv;

namespace {

const AptTransaction& transaction_of(const Decision& decision) {
  REQUIRE_FALSE(decision.steps.empty());
  return std::get<AptTransaction>(decision.steps.back());
}

}  // namespace

TEST_CASE("a package that dpkg has installed is as declared", "[kinds][apt_package]") {
  KindBench bench;
  bench.package("jq", "1.6-2");
  CHECK(bench.decide("  - apt_package: jq\n").action == Action::none);
}

TEST_CASE("what dpkg had still to do when it was stopped is done, and nothing is installed again",
          "[kinds][apt_package]") {
  KindBench bench;
  bench.package("jq", "1.6-2", "install ok triggers-awaited");
  bench.package("libc-bin", "2.36", "install ok triggers-pending");
  const auto decision = bench.decide("  - apt_package: jq\n");
  CHECK(decision.action == Action::update);
  CHECK(transaction_of(decision).configure_first);
  CHECK(transaction_of(decision).install.empty());
  KindBench updates;
  updates.package("jq", "1.6-2");
  updates.file("/var/lib/dpkg/updates/0001", "Package: jq\n");
  CHECK(transaction_of(updates.decide("  - apt_package: jq\n")).configure_first);
}

TEST_CASE("a package of which only the configuration is left is not installed", "[kinds][apt_package]") {
  KindBench bench;
  bench.package("jq", "1.6-2", "deinstall ok config-files");
  CHECK(bench.decide("  - apt_package: jq\n").action == Action::create);
  CHECK(bench.decide("  - apt_package: jq\n    state: absent\n").action == Action::none);
}

TEST_CASE("a package that an earlier run left half-way is finished first", "[kinds][apt_package]") {
  for (const char* status :
       {"install ok half-configured", "install ok unpacked", "install reinstreq half-installed"}) {
    KindBench bench;
    bench.package("jq", "1.6-2", status);
    const auto decision = bench.decide("  - apt_package: jq\n");
    CHECK(decision.action == Action::update);
    REQUIRE(decision.steps.size() == 2);
    CHECK(step_command(decision.steps[0]) == std::vector<std::string>{"dpkg", "--configure", "-a"});
    CHECK(step_title(decision.steps[0]) == "finish the interrupted dpkg run");
    CHECK(transaction_of(decision).install == std::vector<AptItem>{{"jq", {}, {}}});
    CHECK(merge_key(decision.steps[0]) != merge_key(decision.steps[1]));
  }
}

TEST_CASE("exact versions and comparisons are those of Debian", "[kinds][apt_package]") {
  KindBench bench;
  bench.package("libcudnn8", "8.1.0.77-1+cuda11.2");
  const auto exact = bench.decide("  - apt_package: libcudnn8\n    version: 8.0.5.39-1+cuda11.0\n");
  CHECK(exact.action == Action::update);
  CHECK(transaction_of(exact).allow_downgrades);
  CHECK(transaction_of(exact).install == std::vector<AptItem>{{"libcudnn8", "8.0.5.39-1+cuda11.0", {}}});
  CHECK(bench.decide("  - apt_package: libcudnn8\n    version: '>=8.0'\n").action == Action::none);
  const auto newer = bench.decide("  - apt_package: libcudnn8\n    version: '>=8.2'\n");
  CHECK(transaction_of(newer).install == std::vector<AptItem>{{"libcudnn8", {}, ">=8.2"}});
}

TEST_CASE("a hold is set, lifted, or left as it is", "[kinds][apt_package]") {
  KindBench bench;
  bench.package("held", "1", "hold ok installed");
  bench.package("free", "1");
  CHECK(bench.decide("  - apt_package: held\n").action == Action::none);
  CHECK(bench.decide("  - apt_package: held\n    hold: true\n").action == Action::none);
  CHECK(transaction_of(bench.decide("  - apt_package: held\n    hold: false\n")).unhold ==
        std::vector<std::string>{"held"});
  CHECK(transaction_of(bench.decide("  - apt_package: free\n    hold: true\n")).hold ==
        std::vector<std::string>{"free"});
  const auto change = transaction_of(bench.decide("  - apt_package: held\n    version: 2\n"));
  CHECK(change.unhold == std::vector<std::string>{"held"});
  CHECK(change.hold == std::vector<std::string>{"held"});
}

TEST_CASE("a package of a foreign architecture is another package", "[kinds][apt_package]") {
  KindBench bench;
  bench.package("libc6", "2.36");
  CHECK(bench.decide("  - apt_package: libc6:i386\n").action == Action::create);
  CHECK(bench.decide("  - apt_package: libc6:amd64\n").action == Action::none);
}

TEST_CASE("a virtual package is there when something provides it", "[kinds][apt_package]") {
  KindBench bench;
  bench.package("mawk", "1.3", "install ok installed", "Provides: awk, other (= 2)\n");
  CHECK(bench.decide("  - apt_package: awk\n").action == Action::none);
  CHECK(bench.decide("  - apt_package: other\n").action == Action::none);
  CHECK(bench.decide("  - apt_package: awk\n    version: 1\n").action == Action::create);
}

TEST_CASE("without any index apt is asked to fetch one first", "[kinds][apt_package]") {
  KindBench bench;
  CHECK(bench.decide("  - apt_package: jq\n").steps.size() == 1);
  bench.files.erase("/var/lib/apt/lists/x_InRelease");
  const auto decision = bench.decide("  - apt_package: jq\n");
  REQUIRE(decision.steps.size() == 2);
  CHECK(std::holds_alternative<UpdateIndex>(decision.steps[0]));
}

TEST_CASE("the metapackage that follows the newest CUDA is warned of", "[kinds][apt_package]") {
  KindBench bench;
  bench.decide("  - apt_package: cuda\n");
  REQUIRE(bench.diagnostics.all().size() == 1);
  CHECK(bench.diagnostics.all()[0].code == "lint.moving-target");
}

TEST_CASE("what is held and declared absent is no longer held", "[kinds][apt_package]") {
  KindBench bench;
  bench.package("held", "1", "hold ok installed");
  const auto decision = bench.decide("  - apt_package: held\n    state: absent\n");
  CHECK(decision.action == Action::remove);
  CHECK(transaction_of(decision).unhold == std::vector<std::string>{"held"});
}

TEST_CASE("a driver is not for a container, which uses its host's", "[kinds][apt_package]") {
  KindBench bench;
  bench.facts.virt = std::string("container");
  CHECK(bench.decide("  - apt_package: cuda-drivers\n").action == Action::not_applicable);
  CHECK(bench.decide("  - apt_package: cuda-toolkit-12-4\n").action == Action::create);
  CHECK(bench.decide("  - apt_package: cuda-drivers\n    state: absent\n").action == Action::none);
  bench.package("cuda-drivers", "580.1-1");
  CHECK(bench.decide("  - apt_package: cuda-drivers\n").action == Action::none);
  KindBench metal;
  metal.facts.virt = std::string("metal");
  CHECK(metal.decide("  - apt_package: cuda-drivers\n").action == Action::create);
}
