#include "kinds/python_bench.hpp"

namespace mlenv {
namespace {

constexpr const char* torch = "/home/student/ml/torch";

PythonBench bench_of(const std::string& attributes = {}) {
  PythonBench bench;
  bench.declare(std::string("  - venv: torch\n    path: ") + torch + "\n" + attributes);
  REQUIRE(bench.reported().empty());
  return bench;
}

TEST_CASE("a venv that is not there is created with the first Python that is allowed", "[kinds][venv]") {
  auto bench = bench_of("    python: \">=3.9\"\n    system_site_packages: true\n    pip: latest\n");
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::create);
  const auto& step = step_of<MakeVenv>(decision);
  CHECK(step == MakeVenv{torch, "/usr/bin/python3.9", ">=3.9", true, "latest", "pip", Privilege::user});
  CHECK(after(decision, "python") == "3.9.5 (/usr/bin/python3.9)");
  CHECK(before(decision, "python") == "(none)");
  CHECK(after(decision, "system_site_packages") == "true");
}

TEST_CASE("without a wish a venv is made with what python3 means", "[kinds][venv]") {
  CHECK(step_of<MakeVenv>(bench_of().decide("venv.torch")).interpreter == "/usr/bin/python3");
}

TEST_CASE("an empty folder is no obstacle to a venv", "[kinds][venv]") {
  auto bench = bench_of();
  bench.files[torch] = {FileType::directory, {}, 0755, 1000, 1000};
  CHECK(bench.decide("venv.torch").action == Action::create);
}

TEST_CASE("a venv that is as declared is left alone, whoever made it", "[kinds][venv]") {
  auto bench = bench_of("    python: \"3.8\"\n    pip: \">=20\"\n");
  bench.venv(torch, "3.8.10", false);
  const auto decision = bench.decide("venv.torch");
  CHECK(decision == Decision{Action::none, {}, {}, {}, {}, {}, decision.found});
}

TEST_CASE("a folder that is no venv is never touched", "[kinds][venv]") {
  auto bench = bench_of();
  bench.file(std::string(torch) + "/thesis.tex", "text");
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::manual);
  CHECK(decision.steps.empty());
  CHECK(decision.findings.at(0).code == "venv.not-ours");
}

TEST_CASE("a venv whose interpreter is gone is made anew", "[kinds][venv]") {
  auto bench = bench_of();
  bench.venv(torch, "3.8.10", false);
  bench.made_by_us(torch);
  bench.link(std::string(torch) + "/bin/python3", "/usr/bin/python3.7");
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::replace);
  CHECK(decision.because == "its interpreter is gone: bin/python leads nowhere");
  CHECK(step_of<MakeVenv>(decision).interpreter == "/usr/bin/python3");
}

TEST_CASE("a venv whose python3 has become another version by an upgrade of the system is made anew",
          "[kinds][venv]") {
  auto bench = bench_of();
  bench.venv(torch, "3.8.10", false);
  bench.made_by_us(torch);
  bench.link(std::string(torch) + "/bin/python3", "/usr/bin/python3.9");
  CHECK(bench.decide("venv.torch").because == "its interpreter is Python 3.9 now, it was made with 3.8");
}

TEST_CASE("a venv with another Python than declared is made anew, and the change shown", "[kinds][venv]") {
  auto bench = bench_of("    python: \"==3.9.*\"\n");
  bench.venv(torch, "3.8.10", false);
  bench.made_by_us(torch);
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::replace);
  CHECK(before(decision, "python") == "3.8.10");
  CHECK(after(decision, "python") == "3.9.5 (/usr/bin/python3.9)");
  CHECK(after(decision, "system_site_packages") == "-");
}

TEST_CASE("a venv made with another interpreter than the path declared is made anew", "[kinds][venv]") {
  auto bench = bench_of("    python: /usr/bin/python3.9\n");
  bench.venv(torch, "3.8.10", false);
  bench.made_by_us(torch);
  CHECK(bench.decide("venv.torch").action == Action::replace);
  bench.venv(torch, "3.9.5", false);
  CHECK(bench.decide("venv.torch").action == Action::none);
}

TEST_CASE("a decayed venv that mlenvctl did not make waits for a person", "[kinds][venv]") {
  auto bench = bench_of("    python: \"3.9\"\n");
  bench.venv(torch, "3.8.10", false);
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::manual);
  CHECK(decision.steps.empty());
  CHECK(decision.findings.at(0).hint.find("mv /home/student/ml/torch") != std::string::npos);
}

TEST_CASE("system site-packages are switched in pyvenv.cfg, so that the packages stay", "[kinds][venv]") {
  auto bench = bench_of("    system_site_packages: true\n");
  bench.venv(torch, "3.8.10", false);
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::update);
  REQUIRE(decision.steps.size() == 1);
  const auto& step = step_of<WriteFile>(decision);
  CHECK(step.path == std::string(torch) + "/pyvenv.cfg");
  CHECK(step.content == "home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.8.10\n");
  bench.file(step.path, step.content);
  CHECK(bench.decide("venv.torch").action == Action::none);
}

TEST_CASE("what a killed run has left in and beside a venv goes, and the venv stays", "[kinds][venv]") {
  for (const char* end : {".mlenvctl-new", ".mlenvctl-old", ".mlenvctl-tmp", "/.mlenvctl-tmp"}) {
    auto bench = bench_of();
    bench.venv(torch, "3.8.10", false);
    bench.file(torch + std::string(end) + "/pyvenv.cfg", "");
    const auto decision = bench.decide("venv.torch");
    CHECK(decision.action == Action::update);
    REQUIRE(decision.steps.size() == 1);
    CHECK(step_of<RemovePath>(decision) == RemovePath{torch + std::string(end), true, Privilege::user});
  }
  auto bench = bench_of();
  bench.file(std::string(torch) + ".mlenvctl-new/pyvenv.cfg", "");
  CHECK(bench.decide("venv.torch").steps.size() == 1);  // making it sees to that
}

TEST_CASE("another pip is installed into the venv that is there", "[kinds][venv]") {
  auto bench = bench_of("    pip: \">=22\"\n");
  bench.venv(torch, "3.8.10", false, "20.0.2");
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::update);
  CHECK(step_of<PipInstall>(decision).requirements == std::vector<std::string>{"pip>=22"});
  CHECK(before(decision, "pip") == "20.0.2");
}

TEST_CASE("the newest pip is looked up once, and again on --upgrade", "[kinds][venv]") {
  auto bench = bench_of("    pip: latest\n");
  bench.venv(torch, "3.8.10", false, "24.0");
  bench.made_by_us(torch);
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::update);
  CHECK(step_of<PipInstall>(decision).upgrade == std::vector<std::string>{"pip"});
  CHECK(step_command(decision.steps.at(0)) == std::vector<std::string>{std::string(torch) + "/bin/python",
                                                                       "-m", "pip", "install", "--upgrade",
                                                                       "--", "pip"});
  bench.made_by_us(torch, R"({"pip": "24.0"})");
  CHECK(bench.decide("venv.torch").action == Action::none);
  CHECK(bench.decide("venv.torch", true).action == Action::update);
  bench.made_by_us(torch, R"({"pip": "24.3"})");
  CHECK(bench.decide("venv.torch").because == "it has pip 24.0, the newest was 24.3");
}

TEST_CASE("only a venv that mlenvctl made is removed", "[kinds][venv]") {
  auto bench = bench_of("    state: absent\n");
  CHECK(bench.decide("venv.torch").action == Action::none);
  bench.venv(torch, "3.8.10", false);
  CHECK(bench.decide("venv.torch").action == Action::manual);
  bench.made_by_us(torch);
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::remove);
  CHECK(step_of<RemovePath>(decision) == RemovePath{torch, true, Privilege::user});
}

TEST_CASE("a venv outside the home folder belongs to root, unless the folder is the user's",
          "[kinds][venv]") {
  PythonBench bench;
  bench.declare("  - {venv: shared, path: /opt/venvs/shared}\n");
  CHECK(step_of<MakeVenv>(bench.decide("venv.shared")).privilege == Privilege::root);
  bench.files["/opt/venvs"] = {FileType::directory, {}, 0755, 1000, 1000};
  CHECK(step_of<MakeVenv>(bench.decide("venv.shared")).privilege == Privilege::user);
}

TEST_CASE("a Python that is not there is named beforehand", "[kinds][venv]") {
  auto bench = bench_of("    python: \"3.12\"\n");
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.action == Action::create);
  CHECK(step_of<MakeVenv>(decision).interpreter == "python3.12");
  CHECK(decision.findings.at(0).code == "venv.no-python");
  CHECK(decision.findings.at(0).message.find("3.9.5 (/usr/bin/python3.9)") != std::string::npos);
}

TEST_CASE("a Python without ensurepip is named beforehand", "[kinds][venv]") {
  auto bench = bench_of();
  bench.files.erase("/usr/lib/python3.8/ensurepip/__init__.py");
  bench.file("/usr/lib/python3.8/os.py", "");
  const auto decision = bench.decide("venv.torch");
  CHECK(decision.findings.at(0).code == "venv.no-ensurepip");
  CHECK(decision.findings.at(0).hint.find("python3.8-venv") != std::string::npos);
}

TEST_CASE("uv is taken where it is installed, unless pip has been configured or asked for", "[kinds][venv]") {
  const auto installer = [](PythonBench& bench) {
    return step_of<MakeVenv>(bench.decide("venv.torch")).installer;
  };
  auto bench = bench_of();
  bench.program("/home/student/.local/bin/uv");
  CHECK(installer(bench) == "uv");
  bench.file("/home/student/.config/pip/pip.conf", "[global]\nindex-url = https://pypi.example/simple\n");
  CHECK(installer(bench) == "pip");
  auto asked = bench_of("    installer: pip\n");
  asked.program("/home/student/.local/bin/uv");
  CHECK(installer(asked) == "pip");
}

TEST_CASE("what no Python and no pip can be is said at its place", "[kinds][venv]") {
  PythonBench bench;
  bench.declare("  - {venv: a/b, path: /x, python: pypy, pip: newest}\n");
  REQUIRE(bench.diagnostics.all().size() == 3);
  CHECK(bench.diagnostics.all()[1].where.position() == Position{4, 35});
}

TEST_CASE("a real venv is understood, without starting its Python", "[kinds][venv]") {
  const auto here = local_reader("/");
  const auto facts = probe_facts(*here, "");
  if (!facts || facts->pythons.empty()) return;
  const std::string folder = "/tmp/mlenvctl-venv-test";
  const auto writer = local_writer({"/", facts->user, ""});
  REQUIRE(writer->remove(folder, Depth::tree, Privilege::user));
  const auto made = writer->run({{facts->pythons.front().path, "-m", "venv", "--without-pip", folder}}, {});
  REQUIRE(made);
  if (made->exit_code != 0) return;  // this machine's Python comes without venv
  PythonBench bench;
  bench.facts = *facts;
  bench.host = here.get();
  bench.declare("  - {venv: real, path: " + folder + "}\n  - {pip_package: pip, venv: real}\n");
  CHECK(bench.decide("venv.real").action == Action::none);
  CHECK(bench.decide("pip_package.real/pip").action == Action::create);
  REQUIRE(writer->remove(folder + "/bin/python", Depth::only, Privilege::user));
  CHECK(bench.decide("venv.real").action == Action::manual);
  CHECK(writer->remove(folder, Depth::tree, Privilege::user).ok());
}

}  // namespace
}  // namespace mlenv
