#include "base/text.hpp"
#include "kinds/kind_bench.hpp"
#include "resource/systemd_unit.hpp"

using namespace mlenv;

namespace {

using Verb = ControlUnit::Verb;

constexpr const char* docker_unit =
    "[Unit]\nDescription=Docker\n[Service]\nType=notify\nExecStart=/usr/sbin/dockerd\n"
    "[Install]\nWantedBy=multi-user.target\n";
constexpr const char* docker_link = "/etc/systemd/system/multi-user.target.wants/docker.service";
constexpr const char* docker_start = "/run/systemd/units/invocation:docker.service";

/// A host that systemd has booted.
struct ServiceBench : KindBench {
  ServiceBench() {
    folder("/run/systemd/system");
    file("/usr/bin/systemctl", "", 0, 0755);
  }
  void link(const std::string& path, std::string target, std::int64_t modified = 0) {
    files[path] = {FileType::symlink, std::move(target), 0777, 0, 0, modified};
  }
  void with_docker(std::int64_t started = 100) {
    file("/usr/lib/systemd/system/docker.service", docker_unit);
    link(docker_link, "/usr/lib/systemd/system/docker.service");
    link(docker_start, "0123456789abcdef", started);
  }
  void dated(const std::string& path, std::int64_t modified) {
    file(path, "x");
    files[path].modified = modified;
  }
  /// As decide, where the recipe's packages (of which docker.io is one) stand as `upstream` says.
  Decision decide_beside(const std::string& resource,
                         const std::function<Action(const std::string&)>& upstream) {
    const auto resources = read(resource);
    for (const auto& want : resources.at(0).wants) {
      if (want.capability == Capability::apt_package && want.take)
        want.take({Capability::apt_package, "docker.io", {}});
    }
    const auto reader = recorded_reader(files);
    ProbeCache cache;
    return resources[0].decide({*reader, facts, cache, upstream});
  }
};

/// `enable docker.service`, `restart docker.service`; other steps by their titles.
std::vector<std::string> titles(const Decision& decision) {
  std::vector<std::string> all;
  for (const auto& step : decision.steps) all.push_back(step_title(step));
  return all;
}

using Titles = std::vector<std::string>;

}  // namespace

TEST_CASE("a service that is enabled and runs is as declared", "[kinds][service]") {
  ServiceBench bench;
  bench.with_docker();
  const auto decision = bench.decide("  - service: docker\n");
  CHECK(decision.action == Action::none);
  CHECK(decision.found == "enabled, running");
  CHECK(bench.decide("  - service: docker.service\n").action == Action::none);
}

TEST_CASE("a service is enabled and started", "[kinds][service]") {
  ServiceBench bench;
  bench.file("/lib/systemd/system/docker.service", docker_unit);
  const auto decision = bench.decide("  - service: docker\n");
  CHECK(decision.action == Action::update);
  CHECK(decision.because == "it is not enabled; it does not run");
  CHECK(decision.differences ==
        std::vector<Difference>{{"enabled", "false", "true"}, {"running", "false", "true"}});
  CHECK(titles(decision) == Titles{"enable docker.service", "start docker.service"});
  CHECK(step_command(decision.steps[0]) == Titles{"systemctl", "enable", "--", "docker.service"});
  CHECK(step_privilege(decision.steps[0]) == Privilege::root);
}

TEST_CASE("running follows enabled where it is not said", "[kinds][service]") {
  ServiceBench bench;
  bench.with_docker();
  CHECK(titles(bench.decide("  - service: docker\n    enabled: false\n")) ==
        Titles{"disable docker.service", "stop docker.service"});
  CHECK(titles(bench.decide("  - service: docker\n    enabled: false\n    running: true\n")) ==
        Titles{"disable docker.service"});
  CHECK(titles(bench.decide("  - service: docker\n    running: false\n")) == Titles{"stop docker.service"});
}

TEST_CASE("a service restarts when what it reads is newer than its start", "[kinds][service]") {
  ServiceBench bench;
  bench.with_docker(100);
  const std::string recipe = "  - service: docker\n    restart_on: [file./etc/docker/daemon.json]\n";
  bench.dated("/etc/docker/daemon.json", 99);
  CHECK(bench.decide(recipe).action == Action::none);
  bench.dated("/etc/docker/daemon.json", 100);
  CHECK(bench.decide(recipe).action == Action::none);
  bench.files["/etc/docker/daemon.json"].modified_part = 1;
  const auto decision = bench.decide(recipe);
  CHECK(titles(decision) == Titles{"restart docker.service"});
  CHECK(decision.because == "`file./etc/docker/daemon.json` is newer than its start");
  CHECK(titles(bench.decide("  - service: docker\n    restart_on: apt_package.docker.io\n")).empty());
  bench.dated("/var/lib/dpkg/info/docker.io.list", 101);
  CHECK(titles(bench.decide("  - service: docker\n    restart_on: apt_package.docker.io\n")) ==
        Titles{"restart docker.service"});
}

TEST_CASE("a service restarts behind what changes in the same plan", "[kinds][service]") {
  ServiceBench bench;
  bench.with_docker();
  const auto change = [](const std::string& address) {
    return address == "file./etc/docker/daemon.json" ? Action::update : Action::none;
  };
  const std::string recipe = "  - service: docker\n    restart_on: [file./etc/docker/daemon.json]\n";
  CHECK(titles(bench.decide_beside(recipe, change)) == Titles{"restart docker.service"});
  CHECK(bench.read(recipe)[0].needs.size() == 1);
  CHECK(titles(bench.decide_beside("  - service: docker\n", change)).empty());
}

TEST_CASE("a drop-in of a unit makes systemd read its units before the restart", "[kinds][service]") {
  ServiceBench bench;
  bench.with_docker(100);
  bench.dated("/etc/systemd/system/docker.service.d/proxy.conf", 101);
  CHECK(titles(bench.decide("  - service: docker\n    restart_on: "
                            "[file./etc/systemd/system/docker.service.d/proxy.conf]\n")) ==
        Titles{"let systemd read its units anew", "restart docker.service"});
}

TEST_CASE("a unit that a package of the plan may bring is enabled behind it", "[kinds][service]") {
  ServiceBench bench;
  const auto coming = [](const std::string& address) {
    return address == "apt_package.docker.io" || address == "file./etc/docker/daemon.json" ? Action::create
                                                                                           : Action::none;
  };
  const auto decision = bench.decide_beside("  - service: docker\n", coming);
  CHECK(decision.action == Action::create);
  CHECK(decision.because == "its unit comes with the packages of this plan");
  CHECK(titles(decision) == Titles{"enable docker.service", "start docker.service"});
  // The package may have started it before its settings were there.
  CHECK(titles(bench.decide_beside("  - service: docker\n    restart_on: [file./etc/docker/daemon.json]\n",
                                   coming)) == Titles{"enable docker.service", "restart docker.service"});
}

TEST_CASE("a unit that nothing brings waits for a person", "[kinds][service]") {
  ServiceBench bench;
  const auto decision = bench.decide("  - service: dokcer\n");
  CHECK(decision.action == Action::manual);
  CHECK(decision.findings.at(0).code == "service.no-unit");
  CHECK(bench.decide("  - service: dokcer\n    enabled: false\n").action == Action::none);
  CHECK(bench.decide("  - service: dokcer\n    state: absent\n").action == Action::none);
}

TEST_CASE("an alias means the unit that it stands for", "[kinds][service]") {
  ServiceBench bench;
  bench.file(
      "/lib/systemd/system/ssh.service",
      "[Service]\nExecStart=/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n");
  bench.link("/etc/systemd/system/sshd.service", "/lib/systemd/system/ssh.service");
  CHECK(titles(bench.decide("  - service: sshd\n")) == Titles{"enable ssh.service", "start ssh.service"});
}

TEST_CASE("a masked unit waits for a person, unless it is to be off anyway", "[kinds][service]") {
  ServiceBench bench;
  bench.file("/lib/systemd/system/docker.service", docker_unit);
  bench.link("/etc/systemd/system/docker.service", "/dev/null");
  CHECK(bench.decide("  - service: docker\n").findings.at(0).code == "service.masked");
  CHECK(bench.decide("  - service: docker\n    enabled: false\n").action == Action::none);
  CHECK(bench.decide("  - service: docker\n    state: absent\n").action == Action::none);
}

TEST_CASE("an instance is read from its template", "[kinds][service]") {
  ServiceBench bench;
  bench.file("/lib/systemd/system/jupyter@.service",
             "[Service]\nExecStart=/usr/bin/jupyter-lab\n[Install]\nWantedBy=multi-user.target\n");
  CHECK(titles(bench.decide("  - service: jupyter@alice\n    running: false\n")) ==
        Titles{"enable jupyter@alice.service"});
  bench.link("/etc/systemd/system/multi-user.target.wants/jupyter@alice.service",
             "/lib/systemd/system/jupyter@.service");
  CHECK(bench.decide("  - service: jupyter@alice\n    running: false\n").action == Action::none);
  CHECK(bench.decide("  - service: jupyter@bob\n    running: false\n").action == Action::update);
}

TEST_CASE("what cannot be enabled, and what ends by itself, is not asked for in vain", "[kinds][service]") {
  ServiceBench bench;
  bench.file("/lib/systemd/system/helper.service", "[Service]\nExecStart=/bin/true\n");
  bench.link("/run/systemd/units/invocation:helper.service", "1");
  const auto fixed = bench.decide("  - service: helper\n    enabled: true\n");
  CHECK(fixed.action == Action::none);
  CHECK(fixed.because == "it has no [Install] section: others start it, and it cannot be enabled");
  bench.file("/lib/systemd/system/once.service",
             "[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n");
  CHECK(titles(bench.decide("  - service: once\n")) == Titles{"enable once.service", "start once.service"});
  bench.link("/etc/systemd/system/multi-user.target.wants/once.service", "/lib/systemd/system/once.service");
  CHECK(bench.decide("  - service: once\n").action == Action::none);
  bench.file("/lib/systemd/system/apt.timer",
             "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n");
  bench.link("/etc/systemd/system/timers.target.wants/apt.timer", "/lib/systemd/system/apt.timer");
  CHECK(bench.decide("  - service: apt.timer\n").action == Action::none);
}

TEST_CASE("a unit of which some links are missing is enabled anew", "[kinds][service]") {
  ServiceBench bench;
  bench.with_docker();
  bench.file("/usr/lib/systemd/system/docker.service",
             "[Service]\nExecStart=/x\n[Install]\nWantedBy=multi-user.target\nRequiredBy=lab.target\n");
  CHECK(titles(bench.decide("  - service: docker\n")) == Titles{"reenable docker.service"});
}

TEST_CASE("a unit file of the recipe is written, read, enabled and started", "[kinds][service]") {
  ServiceBench bench;
  const std::string recipe =
      "  - service: lab\n    content: |\n      [Service]\n      ExecStart=/usr/bin/lab\n      [Install]\n"
      "      WantedBy=multi-user.target\n";
  const auto decision = bench.decide(recipe);
  CHECK(decision.action == Action::create);
  CHECK(titles(decision) == Titles{"make the folder /etc/systemd/system",
                                   "write /etc/systemd/system/lab.service", "let systemd read its units anew",
                                   "enable lab.service", "start lab.service"});
  const auto& text = std::get<WriteFile>(decision.steps[1]).content;
  CHECK(text.starts_with("# made by mlenvctl (service.lab)\n[Service]\n"));
  CHECK(decision.diff.find("+ExecStart=/usr/bin/lab\n") != std::string::npos);

  bench.file("/etc/systemd/system/lab.service", text);
  bench.link("/etc/systemd/system/multi-user.target.wants/lab.service", "/etc/systemd/system/lab.service");
  bench.link("/run/systemd/units/invocation:lab.service", "1", 100);
  CHECK(bench.decide(recipe).action == Action::none);
  bench.files["/etc/systemd/system/lab.service"].modified = 200;
  CHECK(titles(bench.decide(recipe)) == Titles{"let systemd read its units anew", "restart lab.service"});
  bench.file("/etc/systemd/system/lab.service", text + "# edited\n");
  CHECK(titles(bench.decide(recipe)) == Titles{"write /etc/systemd/system/lab.service",
                                               "let systemd read its units anew", "restart lab.service"});
}

TEST_CASE("absent takes away what mlenvctl has written and leaves other units", "[kinds][service]") {
  ServiceBench bench;
  bench.with_docker();
  CHECK(titles(bench.decide("  - service: docker\n    state: absent\n")) ==
        Titles{"stop docker.service", "disable docker.service"});
  bench.file("/etc/systemd/system/lab.service",
             "# made by mlenvctl (service.lab)\n[Service]\nExecStart=/x\n");
  CHECK(titles(bench.decide("  - service: lab\n    state: absent\n")) ==
        Titles{"remove /etc/systemd/system/lab.service", "let systemd read its units anew"});
  bench.file("/etc/systemd/system/lab.service", "[Service]\nExecStart=/x\n");
  const auto other = bench.decide("  - service: lab\n    state: absent\n");
  CHECK(other.action == Action::none);
  CHECK(other.findings.at(0).code == "service.not-ours");
}

TEST_CASE("where systemd does not run units are enabled by their links and nothing is started",
          "[kinds][service]") {
  ServiceBench bench;
  bench.files.erase("/run/systemd/system");
  bench.file("/lib/systemd/system/docker.service", docker_unit);
  const auto decision = bench.decide("  - service: docker\n");
  CHECK(titles(decision) == Titles{"enable docker.service"});
  CHECK(std::get<ControlUnit>(decision.steps[0]).offline);
  CHECK(decision.because == "it is not enabled; systemd does not run here: whether it runs does not apply");
  bench.link(docker_link, "/lib/systemd/system/docker.service");
  const auto done = bench.decide("  - service: docker\n");
  CHECK(done.action == Action::none);
  CHECK(done.because == "systemd does not run here: whether it runs does not apply");
}

TEST_CASE("where there is no systemd services do not apply", "[kinds][service]") {
  KindBench bench;
  const auto decision = bench.decide("  - service: docker\n");
  CHECK(decision.action == Action::not_applicable);
  CHECK(decision.because == "there is no systemd here");
}

TEST_CASE("a user's service is the user's manager's", "[kinds][service]") {
  ServiceBench bench;
  const std::string recipe =
      "  - service: lab\n    scope: user\n    content: |\n      [Service]\n      ExecStart=/usr/bin/lab\n"
      "      [Install]\n      WantedBy=default.target\n";
  const auto away = bench.decide(recipe);
  CHECK(titles(away) == Titles{"make the folder /home/student/.config/systemd/user",
                               "write /home/student/.config/systemd/user/lab.service",
                               "enable the user's lab.service"});
  CHECK(std::get<ControlUnit>(away.steps[2]).offline);
  for (const auto& step : away.steps) CHECK(step_privilege(step) == Privilege::user);
  CHECK(away.because.find("`student` is not logged in") != std::string::npos);
  CHECK(away.findings.at(0).code == "service.no-linger");

  bench.folder("/run/user/1000/systemd", 1000);
  const auto here = bench.decide(recipe);
  CHECK(titles(here).back() == "start the user's lab.service");
  CHECK(step_command(here.steps.back()) == Titles{"systemctl", "--user", "start", "--", "lab.service"});
  bench.file("/home/student/.config/systemd/user/lab.service", std::get<WriteFile>(here.steps[1]).content);
  bench.link("/home/student/.config/systemd/user/default.target.wants/lab.service", "../lab.service");
  bench.folder("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/lab.service");
  CHECK(bench.decide(recipe).action == Action::none);
}

TEST_CASE("names that are no unit's are refused", "[kinds][service]") {
  for (const std::string name : {"-x", "a/b", "getty@", "--now", "a b", ".service", "../x"}) {
    KindBench bench;
    bench.read("  - service: \"" + name + "\"\n");
    INFO(name);
    CHECK(bench.diagnostics.failed());
  }
  KindBench bench;
  bench.read("  - service: [a, b]\n    content: \"[Service]\"\n");
  CHECK(bench.diagnostics.all()[0].code == "service.content");
}

TEST_CASE("unit files are read as systemd reads them", "[resource][systemd]") {
  const std::string text =
      "# WantedBy=no.target\n[Unit]\nWantedBy=no.target\n[Install]\nWantedBy=a.target \\\n  b.target\n; x\n"
      "WantedBy=c.target\nAlias=x.service\nAlias=\n";
  CHECK(unit_values(text, "Install", "WantedBy") == Titles{"a.target", "b.target", "c.target"});
  CHECK(unit_values(text, "Install", "Alias").empty());
  CHECK(comes_to_an_end("[Service]\nType=oneshot\n"));
  CHECK_FALSE(comes_to_an_end("[Service]\nType=oneshot\nRemainAfterExit=yes\n"));
  CHECK(unit_name("ssh") == "ssh.service");
  CHECK(unit_name("ssh.socket") == "ssh.socket");
  CHECK(unit_name("org.example.x") == "org.example.x.service");
}
