#include "kinds/kind_bench.hpp"

using namespace mlenv;

namespace {

struct GroupBench : KindBench {
  GroupBench() {
    file("/etc/group", "root:x:0:\nvideo:x:44:alice\ndocker:x:999:alice, student\nstudent:x:1000:\nnoise\n");
  }
};

}  // namespace

TEST_CASE("who is in a group is left there", "[kinds][group_member]") {
  GroupBench bench;
  CHECK(bench.decide("  - group_member: docker\n").action == Action::none);
  CHECK(bench.decide("  - group_member: student\n").found == "a member");  // it is the user's first one
}

TEST_CASE("a user is put into a group", "[kinds][group_member]") {
  GroupBench bench;
  const auto decision = bench.decide("  - group_member: video\n");
  CHECK(decision.action == Action::create);
  CHECK(decision.steps == std::vector<Step>{SetMembership{"video", "student", true}});
  CHECK(step_command(decision.steps[0]) == std::vector<std::string>{"gpasswd", "--add", "student", "video"});
  CHECK(step_privilege(decision.steps[0]) == Privilege::root);
  CHECK(decision.findings.empty());
}

TEST_CASE("another user is named by the address", "[kinds][group_member]") {
  GroupBench bench;
  const auto resources = bench.read("  - group_member: [docker, video]\n    user: alice\n");
  REQUIRE(resources.size() == 2);
  CHECK(resources[1].address.str() == "group_member.video/alice");
  const auto missing = bench.decide("  - group_member: student\n    user: alice\n");
  CHECK(missing.findings.at(0).code == "group.no-user");
}

TEST_CASE("it is said of some groups that their members can become root", "[kinds][group_member]") {
  KindBench bench;
  bench.file("/etc/group", "docker:x:999:\n");
  const auto decision = bench.decide("  - group_member: docker\n");
  REQUIRE(decision.findings.size() == 1);
  CHECK(decision.findings[0].code == "group.root");
}

TEST_CASE("a group may come with a package, and else waits for a person", "[kinds][group_member]") {
  GroupBench bench;
  const auto resources = bench.read("  - group_member: lab\n");
  for (const auto& want : resources.at(0).wants) {
    if (want.take) want.take({Capability::apt_package, "lab-tools", {}});
  }
  const auto reader = recorded_reader(bench.files);
  ProbeCache cache;
  const auto coming =
      resources[0].decide({*reader, bench.facts, cache, [](const std::string& address) {
                             return address == "apt_package.lab-tools" ? Action::create : Action::none;
                           }});
  CHECK(coming.action == Action::create);
  CHECK(coming.because == "its group comes with the packages of this plan");
  CHECK(resources[0].decide({*reader, bench.facts, cache}).findings.at(0).code == "group.missing");
}

TEST_CASE("what a directory service may know is not guessed", "[kinds][group_member]") {
  GroupBench bench;
  bench.file("/etc/nsswitch.conf", "passwd: files systemd\ngroup:  files [NOTFOUND=continue] sss\n");
  CHECK(bench.decide("  - group_member: lab\n").action == Action::unknown);
  CHECK(bench.decide("  - group_member: video\n").action == Action::create);
}

TEST_CASE("absent takes the user out, and not the first group away", "[kinds][group_member]") {
  GroupBench bench;
  const auto decision = bench.decide("  - group_member: docker\n    state: absent\n");
  CHECK(decision.action == Action::remove);
  CHECK(decision.steps == std::vector<Step>{SetMembership{"docker", "student", false}});
  CHECK(bench.decide("  - group_member: video\n    state: absent\n").action == Action::none);
  CHECK(bench.decide("  - group_member: lab\n    state: absent\n").action == Action::none);
  CHECK(bench.decide("  - group_member: student\n    state: absent\n").findings.at(0).code == "group.first");
}

TEST_CASE("names that are no group's or user's are refused", "[kinds][group_member]") {
  for (const std::string name : {"-a", "a:b", "a,b", "a b", "a/b", "$(id)"}) {
    INFO(name);
    KindBench group, user;
    group.read("  - group_member: \"" + name + "\"\n");
    CHECK(group.diagnostics.failed());
    user.read("  - group_member: docker\n    user: \"" + name + "\"\n");
    CHECK(user.diagnostics.failed());
  }
}
