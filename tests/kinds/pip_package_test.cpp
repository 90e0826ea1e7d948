#include "kinds/python_bench.hpp"

namespace mlenv {
namespace {

constexpr const char* site = "/home/student/ml/torch/lib/python3.8/site-packages";
constexpr const char* system_site = "/usr/lib/python3/dist-packages";

PythonBench bench_of(const std::string& packages, bool system_sites = false) {
  PythonBench bench;
  bench.venv("/home/student/ml/torch", "3.8.10", system_sites);
  bench.made_by_us("/home/student/ml/torch");
  bench.declare(std::string("  - {venv: torch, path: ~/ml/torch, system_site_packages: ") +
                (system_sites ? "true" : "false") + "}\n" + packages);
  REQUIRE(bench.reported().empty());
  return bench;
}

TEST_CASE("each name of a list is a resource of its own, with its canonical address",
          "[kinds][pip_package]") {
  const auto bench = bench_of("  - {pip_package: [numpy, Scikit_Learn], venv: torch}\n");
  REQUIRE(bench.resources.size() == 3);
  CHECK(bench.resources[1].address.str() == "pip_package.torch/numpy");
  CHECK(bench.resources[2].address.str() == "pip_package.torch/scikit-learn");
}

TEST_CASE("a package that is not installed is installed from its own source", "[kinds][pip_package]") {
  auto bench = bench_of(
      "  - pip_package: torch==1.7.1+cu110\n    venv: torch\n    find_links: "
      "https://me:secret@host/torch.html\n");
  const auto decision = bench.decide("pip_package.torch/torch");
  CHECK(decision.action == Action::create);
  const auto& step = step_of<PipInstall>(decision);
  CHECK(step.prefix == "/home/student/ml/torch");
  CHECK(step.requirements == std::vector<std::string>{"torch==1.7.1+cu110"});
  CHECK(step.source.find_links == std::vector<std::string>{"https://me:secret@host/torch.html"});
  CHECK(after(decision, "version") == "==1.7.1+cu110");
  CHECK(after(decision, "find_links") == "https://***@host/torch.html");
}

TEST_CASE("a version without local label is satisfied by one with it, not the other way round",
          "[kinds][pip_package]") {
  auto bench = bench_of(
      "  - {pip_package: torch==1.7.1, venv: torch}\n  - {pip_package: tv==0.8.2+cu110, venv: torch}\n");
  bench.package(site, "torch", "1.7.1+cu110");
  bench.package(site, "tv", "0.8.2");
  CHECK(bench.decide("pip_package.torch/torch").action == Action::none);
  const auto decision = bench.decide("pip_package.torch/tv");
  CHECK(decision.action == Action::update);
  CHECK(before(decision, "version") == "0.8.2");
}

TEST_CASE("text equality of === holds also for odd versions", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: torchaudio===0.7.2, venv: torch}\n");
  bench.package(site, "torchaudio", "0.7.2");
  CHECK(bench.decide("pip_package.torch/torchaudio").action == Action::none);
}

TEST_CASE("an inherited package counts when its version fits, and is told apart", "[kinds][pip_package]") {
  auto bench =
      bench_of("  - {pip_package: numpy, venv: torch}\n  - {pip_package: scipy>=1.5, venv: torch}\n", true);
  bench.package(system_site, "numpy", "1.17.4");
  bench.package(system_site, "scipy", "1.3.3");
  const auto numpy = bench.decide("pip_package.torch/numpy");
  CHECK(numpy.action == Action::none);
  CHECK(numpy.because == "1.17.4, inherited from /usr/lib/python3/dist-packages");
  const auto scipy = bench.decide("pip_package.torch/scipy");
  CHECK(scipy.action == Action::create);
  CHECK(before(scipy, "version") == "1.3.3 (inherited)");
}

TEST_CASE("without system site-packages nothing is inherited", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: numpy, venv: torch}\n", false);
  bench.package(system_site, "numpy", "1.17.4");
  CHECK(bench.decide("pip_package.torch/numpy").action == Action::create);
}

TEST_CASE("the packages of a venv that is made anew count as not there", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: numpy, venv: torch}\n");
  bench.package(site, "numpy", "1.24.0");
  CHECK(bench.decide("pip_package.torch/numpy").action == Action::none);
  bench.upstream["venv.torch"] = Action::replace;
  CHECK(bench.decide("pip_package.torch/numpy").action == Action::create);
}

TEST_CASE("an extra counts when what it brings is installed", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: \"jax[cuda]\", venv: torch}\n");
  bench.package(
      site, "jax", "0.4.1",
      "Requires-Dist: numpy\nProvides-Extra: cuda\nRequires-Dist: jaxlib (>=0.4) ; extra == 'cuda'\n");
  bench.package(site, "numpy", "1.24.0");
  const auto decision = bench.decide("pip_package.torch/jax");
  CHECK(decision.action == Action::update);
  CHECK(decision.because == "it needs jaxlib, not installed");
  bench.package(site, "jaxlib", "0.4.1");
  CHECK(bench.decide("pip_package.torch/jax").action == Action::none);
}

TEST_CASE("a dependency that was removed is drift; one for another Python is not", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: pandas, venv: torch}\n");
  bench.package(site, "pandas", "1.5.0",
                "Requires-Dist: numpy\nRequires-Dist: tomli; python_version < \"3.8\"\nRequires-Dist: "
                "pytest; extra == 'test'\n");
  const auto decision = bench.decide("pip_package.torch/pandas");
  CHECK(decision.because == "it needs numpy, not installed");
  CHECK(step_of<PipInstall>(decision).requirements == std::vector<std::string>{"pandas"});
}

TEST_CASE("a dependency in another version than needed is told, not fought over", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: pandas, venv: torch}\n");
  bench.package(site, "pandas", "2.0.3", "Requires-Dist: numpy>=1.20.3\n");
  bench.package(site, "numpy", "1.19.5");
  const auto decision = bench.decide("pip_package.torch/pandas");
  CHECK(decision.action == Action::none);
  CHECK(decision.findings.at(0).message == "`pandas` 2.0.3 needs numpy>=1.20.3 (1.19.5 is installed)");
}

TEST_CASE("a module that was changed or deleted is put in place anew, in the same version",
          "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: numpy, venv: torch}\n");
  bench.package(site, "numpy", "1.24.0");
  bench.file(std::string(site) + "/numpy/__init__.py", "broken");
  const auto decision = bench.decide("pip_package.torch/numpy");
  CHECK(decision.action == Action::update);
  CHECK(decision.because == "1 file is missing or changed: numpy/__init__.py");
  REQUIRE(decision.steps.size() == 1);
  const auto& step = step_of<PipInstall>(decision);
  CHECK(step.reinstall);
  CHECK(step.requirements == std::vector<std::string>{"numpy==1.24.0"});
}

TEST_CASE("an install that was cut short is cleared away and done again", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: numpy, venv: torch}\n");
  bench.package(site, "numpy", "1.24.0");
  bench.files.erase(std::string(site) + "/numpy-1.24.0.dist-info/RECORD");
  const auto decision = bench.decide("pip_package.torch/numpy");
  CHECK(decision.because == "an earlier install of it was cut short");
  CHECK(step_of<RemovePath>(decision).path == std::string(site) + "/numpy-1.24.0.dist-info");
  CHECK(step_of<PipInstall>(decision).reinstall);
}

TEST_CASE("two records of one package are both cleared away", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: numpy, venv: torch}\n");
  bench.package(site, "numpy", "1.24.0");
  bench.package(site, "numpy", "1.26.0");
  const auto decision = bench.decide("pip_package.torch/numpy");
  CHECK(decision.steps.size() == 3);
}

TEST_CASE("latest is looked up once and then compared with what was found", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: numpy, venv: torch, state: latest}\n");
  bench.package(site, "numpy", "1.24.0");
  const auto decision = bench.decide("pip_package.torch/numpy");
  CHECK(decision.because == "the newest version has not been looked up yet");
  CHECK(step_of<PipInstall>(decision).upgrade == std::vector<std::string>{"numpy"});
  bench.made_by_us("/home/student/ml/torch", R"({"numpy": "1.24.0"})");
  CHECK(bench.decide("pip_package.torch/numpy").action == Action::none);
  CHECK(bench.decide("pip_package.torch/numpy", true).action == Action::update);
}

TEST_CASE("a package from a URL is compared with where it came from", "[kinds][pip_package]") {
  auto bench = bench_of(
      "  - {pip_package: \"tool @ https://me:secret@host/tool-1.0-py3-none-any.whl\", venv: torch}\n");
  bench.package(site, "tool", "1.0");
  CHECK(bench.decide("pip_package.torch/tool").action == Action::none);
  const auto origin = std::string(site) + "/tool-1.0.dist-info/direct_url.json";
  bench.file(origin, R"({"url": "https://host/tool-1.0-py3-none-any.whl", "archive_info": {}})");
  CHECK(bench.decide("pip_package.torch/tool").action == Action::none);
  bench.file(origin, R"({"url": "https://elsewhere/tool-1.0-py3-none-any.whl", "archive_info": {}})");
  const auto decision = bench.decide("pip_package.torch/tool");
  CHECK(decision.action == Action::update);
  CHECK(decision.because.find("secret") == std::string::npos);
}

TEST_CASE("a marker that does not hold makes the package inapplicable", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: \"dataclasses; python_version < '3.7'\", venv: torch}\n");
  const auto decision = bench.decide("pip_package.torch/dataclasses");
  CHECK(decision.action == Action::not_applicable);
  CHECK(decision.because.find("Python 3.8.10") != std::string::npos);
}

TEST_CASE("absent removes the venv's own copy and never the system's", "[kinds][pip_package]") {
  auto bench = bench_of("  - {pip_package: numpy, venv: torch, state: absent}\n", true);
  bench.package(system_site, "numpy", "1.17.4");
  CHECK(bench.decide("pip_package.torch/numpy").action == Action::none);
  bench.package(site, "numpy", "1.24.0");
  const auto decision = bench.decide("pip_package.torch/numpy");
  CHECK(decision.action == Action::remove);
  CHECK(step_of<PipUninstall>(decision).names == std::vector<std::string>{"numpy"});
}

TEST_CASE("an install is told the versions declared for the venv's other packages", "[kinds][pip_package]") {
  auto bench = bench_of(
      "  - {pip_package: \"numpy[test]<2\", venv: torch}\n"
      "  - {pip_package: tf==2.4.0, venv: torch, when: {arch: aarch64}}\n"
      "  - {pip_package: [pandas, jupyter], venv: torch}\n"
      "  - {pip_package: old, venv: torch, state: absent}\n");
  CHECK(step_of<PipInstall>(bench.decide("pip_package.torch/pandas")).keep ==
        std::vector<std::string>{"numpy<2"});
}

TEST_CASE("for the user alone packages go where python3 looks for them", "[kinds][pip_package]") {
  PythonBench bench;
  bench.declare("  - {pip_package: [pip, wheel], user: true, state: latest}\n");
  REQUIRE(bench.reported().empty());
  CHECK(step_of<PipInstall>(bench.decide("pip_package.user/wheel")).prefix.empty());
  bench.package("/home/student/.local/lib/python3.8/site-packages", "wheel", "0.40.0");
  bench.file("/home/student/.local/share/mlenvctl/python-user-site.json",
             R"({"format": "mlenvctl.venv/1", "made": false, "latest": {"wheel": "0.40.0"}})");
  CHECK(bench.decide("pip_package.user/wheel").action == Action::none);
}

TEST_CASE("where the distribution manages Python the user's own site is refused, with the way out",
          "[kinds][pip_package]") {
  PythonBench bench;
  bench.file("/usr/lib/python3.8/EXTERNALLY-MANAGED", "[externally-managed]\n");
  bench.package(system_site, "numpy", "1.17.4");
  bench.declare("  - {pip_package: [numpy, wheel], user: true}\n");
  CHECK(bench.decide("pip_package.user/numpy").action == Action::none);
  const auto decision = bench.decide("pip_package.user/wheel");
  CHECK(decision.action == Action::manual);
  CHECK(decision.steps.empty());
  CHECK(decision.findings.at(0).code == "pip.externally-managed");
}

TEST_CASE("what is wrong with a package's declaration is said once, at its place", "[kinds][pip_package]") {
  PythonBench bench;
  bench.declare(
      "  - pip_package: [--index-url=http://evil, numpy=1.2, ok]\n"
      "  - {pip_package: [a, b], venv: x, user: true}\n"
      "  - {pip_package: \"c==1\", venv: x, state: absent}\n"
      "  - {pip_package: d==1, venv: x, find_links: ./wheels}\n");
  const auto messages = bench.reported();
  REQUIRE(messages.size() == 6);
  CHECK(messages[0] == "expected the name of a Python package, found the option `--index-url=http://evil`");
  CHECK(messages[1].find("pip_package` needs `venv`") != std::string::npos);
  CHECK(messages[2].find("expected `==`") != std::string::npos);
  CHECK(messages[3] == "`venv` and `user: true` exclude each other");
}

}  // namespace

TEST_CASE("extras that lead to further ones are followed, and an endless row of them ends",
          "[kinds][pip_package]") {
  const auto decide = [](int count) {
    auto bench = bench_of("  - {pip_package: \"x[e0]\", venv: torch}\n");
    std::string metadata;
    for (int i = 0; i < count; ++i) {
      metadata += "Requires-Dist: x[e" + std::to_string(i + 1) + "]; extra == 'e" + std::to_string(i) + "'\n";
    }
    metadata += "Requires-Dist: deep; extra == 'e" + std::to_string(count) + "'\n";
    bench.package(site, "x", "1", metadata);
    return bench.decide("pip_package.torch/x");
  };
  CHECK(decide(100).because == "it needs deep, not installed");
  CHECK(decide(5'000).action == Action::none);
}

}  // namespace mlenv
