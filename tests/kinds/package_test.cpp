#include <fstream>
#include <sstream>

#include "kinds/kind_bench.hpp"

using namespace mlenv;

namespace {

std::string bytes_of(const std::string& name) {
  std::ifstream file(std::string(MLENV_SOURCE_DIR) + "/tests/resource/rpm/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A host with `greeting` 2:1.2-3.fc39 and, in the log of its database, `caller` 1.2-3.fc39.
struct RpmHost : KindBench {
  explicit RpmHost(const Os& os = {"fedora", "39", "", "Fedora Linux 39"},
                   const std::string& program = "dnf") {
    facts.os = os;
    file("/var/lib/rpm/rpmdb.sqlite", bytes_of("rpmdb.sqlite"));
    file("/var/lib/rpm/rpmdb.sqlite-wal", bytes_of("rpmdb.sqlite-wal"));
    file("/usr/bin/" + program, "", 0, 0755);
  }
};

Os opensuse() { return {"opensuse-leap", "15.6", "", "openSUSE Leap 15.6", {"suse", "opensuse"}}; }
Os rocky() { return {"rocky", "9.4", "", "Rocky Linux 9.4", {"rhel", "centos", "fedora"}}; }

std::vector<std::string> addresses(KindBench& bench, const std::string& resources) {
  std::vector<std::string> all;
  for (const auto& resource : bench.read(resources)) all.push_back(resource.address.str());
  return all;
}

using Addresses = std::vector<std::string>;
using Words = std::vector<std::string>;

Words command_of(const Decision& decision) {
  REQUIRE(decision.steps.size() == 1);
  return step_command(decision.steps[0]);
}

std::string first_code(const KindBench& bench) {
  return bench.diagnostics.all().empty() ? std::string() : std::string(bench.diagnostics.all()[0].code);
}

}  // namespace

TEST_CASE("a package is one of apt's on Debian and one of rpm's on Fedora and its like", "[kinds][package]") {
  KindBench debian;
  CHECK(addresses(debian, "  - package: git\n") == Addresses{"apt_package.git", "package.git"});
  for (const auto& os : {Os{"fedora", "39", "", ""}, opensuse(), rocky()}) {
    RpmHost host(os);
    CHECK(addresses(host, "  - package: git\n") == Addresses{"rpm_package.git", "package.git"});
  }
}

TEST_CASE("each of several names is a package of its own", "[kinds][package]") {
  KindBench debian;
  CHECK(addresses(debian, "  - package: [git, jq]\n    state: latest\n") ==
        Addresses{"apt_package.git", "package.git", "apt_package.jq", "package.jq"});
  CHECK_FALSE(debian.diagnostics.failed());
}

TEST_CASE("a package is called by version, by system or by what that is made after, in this order",
          "[kinds][package]") {
  const std::string package =
      "  - package: python3-dev\n    names: {fedora: f-dev, rhel: r-dev, \"rocky 9\": nine, suse: [s-dev, "
      "more]}\n";
  RpmHost fedora;
  CHECK(addresses(fedora, package)[0] == "rpm_package.f-dev");
  RpmHost nine(rocky());
  CHECK(addresses(nine, package)[0] == "rpm_package.nine");
  RpmHost eight({"rocky", "8.10", "", "", {"rhel", "centos", "fedora"}});
  CHECK(addresses(eight, package)[0] == "rpm_package.r-dev");
  RpmHost suse(opensuse());
  CHECK(addresses(suse, package) ==
        Addresses{"rpm_package.s-dev", "rpm_package.more", "package.python3-dev"});
  KindBench debian;
  CHECK(addresses(debian, package)[0] == "apt_package.python3-dev");
}

TEST_CASE("an empty list of names means that nothing is needed there", "[kinds][package]") {
  RpmHost host;
  const auto resources = host.read("  - package: python3-venv\n    names: {fedora: []}\n");
  REQUIRE(resources.size() == 1);
  const auto reader = recorded_reader(host.files);
  ProbeCache cache;
  CHECK(resources[0].decide({*reader, host.facts, cache}).action == Action::not_applicable);
}

TEST_CASE("names of one package are not given to several", "[kinds][package]") {
  KindBench bench;
  bench.read("  - package: [a1, b1]\n    names: {debian: c1}\n");
  CHECK(first_code(bench) == "package.names");
}

TEST_CASE("apt's packages are refused on a host of rpm's, and the other way round", "[kinds][package]") {
  RpmHost fedora;
  fedora.read("  - apt_package: git\n");
  CHECK(first_code(fedora) == "package.other-manager");
  KindBench debian;
  debian.read("  - rpm_package: git\n");
  CHECK(first_code(debian) == "package.other-manager");
  RpmHost kept_apart;
  kept_apart.read("  - apt_package: git\n    when: {os: debian}\n");
  CHECK_FALSE(kept_apart.diagnostics.failed());
}

TEST_CASE("an installed rpm package is left alone; one that is not is installed", "[kinds][rpm_package]") {
  RpmHost host;
  CHECK(host.decide("  - rpm_package: greeting\n").action == Action::none);
  CHECK(host.decide("  - rpm_package: caller\n").action == Action::none);
  const auto decision = host.decide("  - rpm_package: git\n");
  CHECK(decision.action == Action::create);
  CHECK(command_of(decision) == Words{"dnf", "-y", "install", "git"});
  const auto provided = host.decide("  - rpm_package: salutation\n");
  CHECK(provided.action == Action::none);
  CHECK(provided.because == "provided by `greeting`");
}

TEST_CASE("a version counts with and without its release and epoch", "[kinds][rpm_package]") {
  for (const std::string fits : {"1.2", "1.2-3.fc39", "2:1.2", "2:1.2-3.fc39"}) {
    RpmHost host;
    INFO(fits);
    CHECK(host.decide("  - rpm_package: greeting\n    version: \"" + fits + "\"\n").action == Action::none);
  }
  RpmHost host;
  const auto other = host.decide("  - rpm_package: greeting\n    version: \"1.3\"\n");
  CHECK(other.action == Action::update);
  CHECK(command_of(other) == Words{"dnf", "-y", "install", "greeting-1.3"});
  RpmHost suse(opensuse(), "zypper");
  CHECK(command_of(suse.decide("  - rpm_package: greeting\n    version: \"1.3\"\n")) ==
        Words{"zypper", "--non-interactive", "install", "--oldpackage", "greeting=1.3"});
}

TEST_CASE("a version that no manager of rpm's can take is refused", "[kinds][rpm_package]") {
  RpmHost host;
  host.read("  - rpm_package: git\n    version: \">=2\"\n");
  CHECK(first_code(host) == "rpm.version");
  RpmHost odd;
  odd.read("  - rpm_package: \"--nogpgcheck\"\n");
  CHECK(first_code(odd) == "rpm.name");
}

TEST_CASE("an rpm package that is declared absent goes, alone of what came along", "[kinds][rpm_package]") {
  RpmHost host;
  const auto decision = host.decide("  - rpm_package: greeting\n    state: absent\n");
  CHECK(decision.action == Action::remove);
  CHECK(command_of(decision) ==
        Words{"dnf", "-y", "--setopt=clean_requirements_on_remove=0", "remove", "greeting"});
  CHECK(host.decide("  - rpm_package: git\n    state: absent\n").action == Action::none);
}

TEST_CASE("where no manager is there, or the database cannot be read, it is not guessed",
          "[kinds][rpm_package]") {
  RpmHost none({"fedora", "39", "", ""}, "unrelated");
  CHECK(none.decide("  - rpm_package: git\n").action == Action::unknown);
  RpmHost old;
  old.files.erase("/var/lib/rpm/rpmdb.sqlite");
  old.file("/var/lib/rpm/Packages", "Berkeley");
  CHECK(old.decide("  - rpm_package: git\n").action == Action::unknown);
}

TEST_CASE("steps of rpm's packages become one call for each verb", "[kinds][rpm_package]") {
  const Step first = RpmTransaction{"dnf", RpmTransaction::Verb::install, {{"git"}}};
  const Step second = RpmTransaction{"dnf", RpmTransaction::Verb::install, {{"jq"}}};
  const Step removal = RpmTransaction{"dnf", RpmTransaction::Verb::remove, {{"vim"}}};
  CHECK(merge_key(first) == merge_key(second));
  CHECK(merge_key(first) != merge_key(removal));
  CHECK(step_command(merge_steps(first, second)) == Words{"dnf", "-y", "install", "git", "jq"});
}
