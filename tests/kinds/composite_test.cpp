#include "base/text.hpp"
#include "kinds/kind_bench.hpp"

using namespace mlenv;

namespace {

/// A bench with cards, a kernel, and no driver.
struct Machine : KindBench {
  explicit Machine(const std::vector<std::string>& cards = {"10de:2484"}) {
    facts.os = Os{"ubuntu", "22.04", "jammy", "Ubuntu 22.04"};
    facts.virt = std::string("metal");
    facts.kernel = std::string("5.15.0-91-generic");
    facts.ground.newest_kernel = std::string("5.15.0-91-generic");
    facts.secure_boot = false;
    facts.driver = Absent{};
    facts.cuda_toolkits = std::vector<CudaToolkit>{};
    facts.pythons = {{"/usr/bin/python3.10", "3.10.12"}};
    std::vector<Gpu> gpus;
    for (const auto& id : cards) {
      Gpu gpu;
      gpu.pci_id = id;
      if (const auto model = knowledge.gpu(id)) {
        gpu.name = model->name;
        gpu.compute_capability = model->compute_capability;
      }
      gpus.push_back(gpu);
    }
    facts.gpus = gpus;
  }

  /// The addresses of what the recipe comes to.
  std::vector<std::string> addresses(const std::string& resources) {
    std::vector<std::string> all;
    for (const auto& resource : read(resources)) all.push_back(resource.address.str());
    return all;
  }
  /// What the composite, which stands behind what it chose, says of itself.
  Decision decision(const std::string& resources) {
    const auto all = read(resources);
    REQUIRE_FALSE(all.empty());
    const auto reader = recorded_reader(files);
    ProbeCache cache;
    return all.back().decide({*reader, facts, cache});
  }
  std::string error() const {
    return diagnostics.all().empty()
               ? std::string()
               : std::string(diagnostics.all()[0].code) + ": " + diagnostics.all()[0].message + " | " +
                     diagnostics.all()[0].hint.value_or("");
  }
};

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

constexpr const char* torch = "  - venv: t\n    path: ~/t\n  - framework: torch\n    venv: t\n";

}  // namespace

TEST_CASE("a framework comes in the build that its cards can run", "[kinds][framework]") {
  Machine ampere;
  CHECK(ampere.addresses(std::string(torch) + "    version: \"1.13.1\"\n    with: [torchvision]\n") ==
        std::vector<std::string>{"venv.t", "pip_package.t/torch", "pip_package.t/torchvision",
                                 "framework.torch"});
  Machine volta({"10de:1db4"});
  const auto note = volta.decision(torch);
  CHECK(note.because.find("+cu126") != std::string::npos);
  CHECK(note.findings.at(0).severity == Severity::note);
}

TEST_CASE("without a card the build for the CPU is taken", "[kinds][framework]") {
  Machine none(std::vector<std::string>{});
  CHECK(none.decision(torch).because.find("+cpu") != std::string::npos);
}

TEST_CASE("the venv's own Python counts, not the newest one", "[kinds][framework]") {
  Machine machine;
  machine.facts.pythons = {{"/usr/bin/python3.10", "3.10.12"}, {"/usr/bin/python3.8", "3.8.10"}};
  const std::string old = std::string(torch) + "    version: \"1.7.1\"\n";
  machine.read(old);
  CHECK(machine.error().find("resolve.python: torch 1.7.1 has no wheel for Python 3.10.12") == 0);
  Machine chosen;
  chosen.facts.pythons = machine.facts.pythons;
  CHECK(chosen.decision(replace_all(old, "path: ~/t\n", "path: ~/t\n    python: \"3.8\"\n"))
            .because.find("torch==1.7.1+cu110") != std::string::npos);
  Machine made;  // one that is there stays
  made.facts.pythons = {{"/usr/bin/python3.10", "3.10.12"}};
  made.file("/home/student/t/pyvenv.cfg", "home = /usr/bin\nversion = 3.8.10\n");
  CHECK(made.decision(old).because.find("torch==1.7.1+cu110") != std::string::npos);
}

TEST_CASE("a framework without its own libraries brings toolkit and cuDNN in one version",
          "[kinds][framework]") {
  Machine machine;
  machine.facts.os = Os{"ubuntu", "20.04", "focal", ""};
  machine.facts.pythons = {{"/usr/bin/python3.8", "3.8.10"}};
  const auto all = machine.addresses(
      "  - venv: t\n    path: ~/t\n  - framework: tensorflow\n    venv: t\n    version: \"2.4.0\"\n");
  for (const char* each : {"cuda_repo.ubuntu2004", "apt_package.cuda-toolkit-11-0", "apt_package.libcudnn8",
                           "apt_package.libcudnn8-dev", "env_var.PATH-cuda", "pip_package.t/tensorflow"})
    CHECK(has(all, each));
}

TEST_CASE("what collides is an error at the composite, with the ways out", "[kinds][framework]") {
  Machine volta({"10de:1db4"});
  volta.read(std::string(torch) + "    cuda: \"13.0\"\n");
  CHECK(volta.error().find("resolve.gpu: ") == 0);
  CHECK(volta.error().find("+cu126") != std::string::npos);
  Machine unknown({"10de:ffff"});
  unknown.read(torch);
  CHECK(unknown.error().find("resolve.unknown") == 0);
  Machine misspelt;
  misspelt.read("  - framework: tensorfow\n    user: true\n");
  CHECK(misspelt.error().find("did you mean `tensorflow`?") != std::string::npos);
}

TEST_CASE("the driver that will be there decides what the framework is built for",
          "[kinds][framework][nvidia_driver]") {
  Machine machine;
  const auto decision = machine.decision("  - nvidia_driver: \"470\"\n" + std::string(torch));
  CHECK(decision.because.find("+cu118") != std::string::npos);
}

TEST_CASE("a driver is chosen by card, distribution and branch", "[kinds][nvidia_driver]") {
  Machine ampere;
  CHECK(has(ampere.addresses("  - nvidia_driver: auto\n"), "apt_package.nvidia-driver-580-open"));
  Machine maxwell({"10de:139a"});
  CHECK(has(maxwell.addresses("  - nvidia_driver: auto\n"), "apt_package.nvidia-driver-580"));
  Machine kepler({"10de:1004"});
  CHECK(has(kepler.addresses("  - nvidia_driver: auto\n"), "apt_package.nvidia-driver-470"));
  Machine debian;
  debian.facts.os = Os{"debian", "12", "bookworm", ""};
  debian.file("/etc/apt/sources.list", "deb http://deb.debian.org/debian bookworm main\n");
  const auto all = debian.addresses("  - nvidia_driver: auto\n");
  for (const char* each : {"apt_repo.mlenvctl-components", "apt_package.nvidia-driver",
                           "apt_package.linux-headers-amd64", "file./etc/modprobe.d/mlenvctl-nouveau.conf"})
    CHECK(has(all, each));
}

TEST_CASE("NVIDIA's driver is taken where its repository is, so that origins do not mix",
          "[kinds][nvidia_driver]") {
  Machine machine;
  const auto all = machine.addresses("  - nvidia_driver: auto\n  - cuda_repo: ubuntu2204\n");
  CHECK(has(all, "apt_package.nvidia-open"));
  CHECK(has(all, "apt_package.nvidia-driver-pinning-610"));
  CHECK(std::count(all.begin(), all.end(), "cuda_repo.ubuntu2204") == 1);
}

TEST_CASE("open modules are refused for a card that they do not drive", "[kinds][nvidia_driver]") {
  Machine maxwell({"10de:139a"});
  maxwell.read("  - nvidia_driver: auto\n    flavour: open\n");
  CHECK(maxwell.error().find("the open kernel modules do not drive GeForce GTX 950M") != std::string::npos);
  Machine blackwell({"10de:2b85"});
  blackwell.read("  - nvidia_driver: auto\n    flavour: proprietary\n");
  CHECK(blackwell.error().find("only the open kernel modules drive") != std::string::npos);
  Machine debian({"10de:2b85"});
  debian.facts.os = Os{"debian", "12", "bookworm", ""};
  debian.read("  - nvidia_driver: auto\n    source: distribution\n");
  CHECK(debian.error().find("`source: nvidia`") != std::string::npos);
}

TEST_CASE("a driver belongs neither into WSL2 nor into a container, nor where there is no card",
          "[kinds][nvidia_driver]") {
  for (const std::string virt : {"wsl2", "container"}) {
    Machine machine;
    machine.facts.virt = virt;
    CHECK(machine.decision("  - nvidia_driver: auto\n").action == Action::not_applicable);
    CHECK(machine.addresses("  - nvidia_driver: auto\n").size() == 1);
  }
  Machine none(std::vector<std::string>{});
  CHECK(none.decision("  - nvidia_driver: auto\n").action == Action::not_applicable);
}

TEST_CASE("what the tables do not know of a card is unknown, never a guess", "[kinds][nvidia_driver]") {
  Machine machine({"10de:ffff"});
  CHECK(machine.decision("  - nvidia_driver: auto\n").action == Action::unknown);
  machine.facts.gpus = Unknown{"there is no /sys to look at"};
  CHECK(machine.decision("  - nvidia_driver: auto\n").action == Action::unknown);
}

TEST_CASE("under Secure Boot signed modules go first, and without them a person enrols the key",
          "[kinds][nvidia_driver]") {
  Machine ubuntu;
  ubuntu.facts.secure_boot = true;
  const auto all = ubuntu.addresses("  - nvidia_driver: auto\n");
  CHECK(has(all, "apt_package.linux-modules-nvidia-580-open-generic"));
  CHECK_FALSE(has(all, "apt_package.linux-headers-generic"));
  CHECK(ubuntu.decision("  - nvidia_driver: auto\n").action == Action::none);

  Machine debian;
  debian.facts.os = Os{"debian", "12", "bookworm", ""};
  debian.facts.secure_boot = true;
  const auto waiting = debian.decision("  - nvidia_driver: auto\n");
  CHECK(waiting.action == Action::manual);
  CHECK(waiting.because.find("Secure Boot is on") == 0);
  debian.facts.ground.mok_enrolled = true;
  CHECK(debian.decision("  - nvidia_driver: auto\n").action == Action::none);
}

TEST_CASE("the branch that is installed stays while it drives the cards", "[kinds][nvidia_driver]") {
  Machine machine;
  machine.facts.driver = Driver{"535.183.01", "535.183.01", {}, "proprietary", "ok"};
  machine.facts.ground.packages =
      std::vector<DriverPackage>{{"nvidia-driver-535", "535.183.01-0ubuntu0.22.04.1", "distribution", false}};
  CHECK(machine.decision("  - nvidia_driver: auto\n").because.find("branch 535") == 0);
  machine.facts.driver = Driver{"535.54.03", "535.183.01", {}, "proprietary", "mismatch"};
  CHECK(machine.decision("  - nvidia_driver: auto\n").action == Action::manual);
  machine.facts.ground.run_file = std::string("535.54.03");
  CHECK(machine.decision("  - nvidia_driver: auto\n").because.find("NVIDIA's .run file") !=
        std::string::npos);
}

TEST_CASE("an installed branch that is in no table stays as it is", "[kinds][nvidia_driver]") {
  Machine machine;
  machine.facts.driver = Driver{"460.73.01", "460.73.01", {}, "proprietary", "ok"};
  machine.facts.ground.packages =
      std::vector<DriverPackage>{{"nvidia-driver-460", "460.73.01-0ubuntu1", "distribution", false},
                                 {"libnvidia-compute-460", "460.73.01-0ubuntu1", "distribution", false}};
  const auto all = machine.addresses("  - nvidia_driver: auto\n    guard: true\n");
  CHECK(has(all, "apt_package.nvidia-driver-460"));
  CHECK(has(all, "apt_package.libnvidia-compute-460"));
}

TEST_CASE("a Jetson's driver and builds are not ours to choose", "[kinds][nvidia_driver][framework]") {
  Machine jetson;
  jetson.facts.arch = "aarch64";
  jetson.facts.gpus = Unknown{"the GPU of a Jetson is on no bus"};
  jetson.facts.driver = Unknown{"the driver of a Jetson is part of its own software"};
  CHECK(jetson.decision("  - nvidia_driver: auto\n").action == Action::not_applicable);
  CHECK(jetson.decision(torch).action == Action::unknown);
}

TEST_CASE("a guarded driver is held with all that must have its version", "[kinds][nvidia_driver]") {
  Machine machine;
  const auto all = machine.addresses("  - nvidia_driver: auto\n    guard: true\n");
  CHECK(has(all, "apt_package.libnvidia-compute-580"));
  CHECK(has(all, "file./etc/apt/apt.conf.d/52mlenvctl-nvidia-guard"));
}

TEST_CASE("the distribution's own toolkit comes with the components that hold it", "[kinds][cuda_toolkit]") {
  Machine machine;
  machine.facts.os = Os{"debian", "12", "bookworm", ""};
  machine.file("/etc/apt/sources.list.d/debian.sources",
               "Types: deb\nURIs: http://mirror.lab/debian\nSuites: bookworm bookworm-updates\n"
               "Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n");
  const auto all = machine.read("  - cuda_toolkit: auto\n    source: distribution\n");
  REQUIRE(all.size() == 3);
  CHECK(all[0].address.str() == "apt_repo.mlenvctl-components");
  CHECK(all[1].address.str() == "apt_package.nvidia-cuda-toolkit");
  const auto reader = recorded_reader(machine.files);
  ProbeCache cache;
  const auto repository = all[0].decide({*reader, machine.facts, cache});
  REQUIRE(repository.steps.size() == 1);
  const auto& content = std::get<AddRepository>(repository.steps[0]).source_content;
  CHECK(content.find("URIs: http://mirror.lab/debian\n") != std::string::npos);
  CHECK(content.find("Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg") != std::string::npos);
}

TEST_CASE("the newest toolkit is the one that makes code for the card and is in the repository",
          "[kinds][cuda_toolkit]") {
  Machine ampere, maxwell({"10de:139a"});
  CHECK(has(ampere.addresses("  - cuda_toolkit: auto\n"), "apt_package.cuda-toolkit-13-4"));
  CHECK(has(maxwell.addresses("  - cuda_toolkit: auto\n"), "apt_package.cuda-toolkit-12-9"));
  Machine exact;
  const auto all = exact.addresses("  - cuda_toolkit: 12.4.1\n");
  CHECK(has(all, "apt_package.cuda-toolkit-12-4"));
  Machine too_old;
  too_old.facts.os = Os{"debian", "12", "bookworm", ""};
  too_old.read("  - cuda_toolkit: 11.8\n    source: nvidia\n");
  CHECK(too_old.error().find("resolve.os: NVIDIA's repository debian12 holds CUDA >=12.3") == 0);
}

TEST_CASE("cuDNN is one version for runtime and headers, and what is not there is answered with what is",
          "[kinds][cudnn]") {
  Machine machine;
  const auto all = machine.addresses("  - cudnn: \"8.0\"\n    cuda: \"11.0\"\n");
  CHECK(has(all, "apt_package.libcudnn8"));
  CHECK(has(all, "apt_package.libcudnn8-dev"));
  Machine volta({"10de:1db4"});
  CHECK(volta.decision("  - cudnn: auto\n    cuda: \"12.6\"\n").because.find("9.10.2") != std::string::npos);
  Machine missing;
  missing.read("  - cudnn: \"8.5\"\n    cuda: \"11.2\"\n");
  CHECK(missing.error().find("there is no package of cuDNN 8.5 for CUDA 11.2") != std::string::npos);
  CHECK(missing.error().find("8.1.0 for CUDA 11.2") != std::string::npos);
  Machine undecided;
  CHECK(undecided.decision("  - cudnn: auto\n").action == Action::unknown);
}

TEST_CASE("a composite that is not for this host chooses nothing", "[kinds][framework]") {
  Machine volta({"10de:1db4"});
  const auto all = volta.addresses(std::string(torch) + "    cuda: \"13.0\"\n    when: {os: debian 12}\n");
  CHECK(all == std::vector<std::string>{"venv.t", "framework.torch"});
  CHECK(volta.diagnostics.all().empty());
}
