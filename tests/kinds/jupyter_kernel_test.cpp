#include <nlohmann/json.hpp>

#include "kinds/python_bench.hpp"

namespace mlenv {
namespace {

constexpr const char* kernel_json = "/home/student/.local/share/jupyter/kernels/torch/kernel.json";

PythonBench bench_of(const std::string& attributes = {}) {
  PythonBench bench;
  bench.venv("/home/student/ml/torch", "3.8.10", false);
  bench.package("/home/student/ml/torch/lib/python3.8/site-packages", "ipykernel", "6.0");
  bench.declare("  - {venv: torch, path: ~/ml/torch}\n  - jupyter_kernel: torch\n    venv: torch\n" +
                attributes);
  REQUIRE(bench.reported().empty());
  return bench;
}

std::string kernel_of(const std::string& python) {
  return R"json({"argv": [")json" + python + R"json(", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
 "display_name": "Python (torch)", "language": "python", "metadata": {"debugger": true}})json";
}

TEST_CASE("a kernel is written as ipykernel itself writes it, and is then as declared",
          "[kinds][jupyter_kernel]") {
  auto bench = bench_of();
  const auto decision = bench.decide("jupyter_kernel.torch");
  CHECK(decision.action == Action::create);
  CHECK(step_of<MakeDirectory>(decision).path == "/home/student/.local/share/jupyter/kernels/torch");
  const auto& step = step_of<WriteFile>(decision);
  CHECK(step.path == kernel_json);
  CHECK(step.privilege == Privilege::user);
  const auto spec = nlohmann::json::parse(step.content);
  CHECK(spec["argv"][0] == "/home/student/ml/torch/bin/python");
  CHECK(spec["display_name"] == "Python (torch)");
  bench.file(step.path, step.content);
  CHECK(bench.decide("jupyter_kernel.torch") == Decision{});
}

TEST_CASE("a kernel of another venv is pointed to the declared one", "[kinds][jupyter_kernel]") {
  auto bench = bench_of();
  bench.program("/home/student/old/bin/python");
  bench.file(kernel_json, kernel_of("/home/student/old/bin/python"));
  const auto decision = bench.decide("jupyter_kernel.torch");
  CHECK(decision.action == Action::update);
  CHECK(decision.because ==
        "it runs /home/student/old/bin/python, wanted is the venv at /home/student/ml/torch");
  CHECK(after(decision, "argv").find("/home/student/ml/torch/bin/python") != std::string::npos);
  CHECK(after(decision, "display_name") == "-");
}

TEST_CASE("a venv's Python serves under each of its names that is there", "[kinds][jupyter_kernel]") {
  auto bench = bench_of();
  bench.program("/home/student/ml/torch/bin/python3");
  bench.file(kernel_json, kernel_of("/home/student/ml/torch/bin/python3"));
  CHECK(bench.decide("jupyter_kernel.torch") == Decision{});
  bench.file(kernel_json, kernel_of("/home/student/ml/torch/bin/python3.6"));
  CHECK(bench.decide("jupyter_kernel.torch").action == Action::update);
}

TEST_CASE("a kernel whose interpreter is gone says so", "[kinds][jupyter_kernel]") {
  auto bench = bench_of();
  bench.file(kernel_json, kernel_of("/home/student/gone/bin/python"));
  CHECK(bench.decide("jupyter_kernel.torch").because ==
        "its interpreter is gone: /home/student/gone/bin/python");
}

TEST_CASE("a user's own keys, arguments and display name survive", "[kinds][jupyter_kernel]") {
  auto bench = bench_of("    env: {CUDA_VISIBLE_DEVICES: \"0\"}\n");
  bench.file(
      kernel_json,
      R"({"argv": ["/old/python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                 "display_name": "Mine", "language": "python", "interrupt_mode": "message", "env": {"OWN": "1"}})");
  const auto spec = nlohmann::json::parse(step_of<WriteFile>(bench.decide("jupyter_kernel.torch")).content);
  CHECK(spec["argv"][1] == "-Xfrozen_modules=off");
  CHECK(spec["display_name"] == "Mine");
  CHECK(spec["interrupt_mode"] == "message");
  CHECK(spec["env"] == nlohmann::json({{"OWN", "1"}, {"CUDA_VISIBLE_DEVICES", "0"}}));
}

TEST_CASE("a declared display name is kept up", "[kinds][jupyter_kernel]") {
  auto bench = bench_of("    display_name: PyTorch\n");
  bench.file(kernel_json, kernel_of("/home/student/ml/torch/bin/python"));
  const auto decision = bench.decide("jupyter_kernel.torch");
  CHECK(before(decision, "display_name") == "Python (torch)");
  CHECK(after(decision, "display_name") == "PyTorch");
}

TEST_CASE("a kernel.json that is no JSON is written anew", "[kinds][jupyter_kernel]") {
  auto bench = bench_of();
  bench.file(kernel_json, "{half");
  CHECK(bench.decide("jupyter_kernel.torch").because == "its kernel.json cannot be read as JSON");
}

TEST_CASE("a venv without ipykernel is told, unless a declared package brings it",
          "[kinds][jupyter_kernel]") {
  PythonBench bench;
  bench.venv("/home/student/ml/torch", "3.8.10", false);
  bench.declare("  - {venv: torch, path: ~/ml/torch}\n  - {jupyter_kernel: torch, venv: torch}\n");
  CHECK(bench.decide("jupyter_kernel.torch").findings.at(0).code == "jupyter.no-ipykernel");
  bench.declare("  - {pip_package: jupyter, venv: torch}\n");
  CHECK(bench.decide("jupyter_kernel.torch").findings.empty());
}

TEST_CASE("a kernel of another language is not overwritten", "[kinds][jupyter_kernel]") {
  auto bench = bench_of();
  bench.file(kernel_json, R"({"argv": ["/usr/bin/R"], "display_name": "R", "language": "R"})");
  const auto decision = bench.decide("jupyter_kernel.torch");
  CHECK(decision.action == Action::manual);
  CHECK(decision.steps.empty());
}

TEST_CASE("absent removes a kernel of the venv, what others put beside it stays", "[kinds][jupyter_kernel]") {
  auto bench = bench_of("    state: absent\n");
  CHECK(bench.decide("jupyter_kernel.torch").action == Action::none);
  bench.file(kernel_json, kernel_of("/home/student/ml/torch/bin/python"));
  CHECK(step_of<RemovePath>(bench.decide("jupyter_kernel.torch")).tree);
  bench.file("/home/student/.local/share/jupyter/kernels/torch/notes.txt", "mine");
  CHECK(step_of<RemovePath>(bench.decide("jupyter_kernel.torch")) ==
        RemovePath{kernel_json, false, Privilege::user});
  bench.file(kernel_json, kernel_of("/home/student/other/bin/python"));
  CHECK(bench.decide("jupyter_kernel.torch").action == Action::manual);
}

TEST_CASE("a kernel for everybody is root's, and its folder in lower case as Jupyter wants it",
          "[kinds][jupyter_kernel]") {
  PythonBench bench;
  bench.declare(
      "  - {venv: torch, path: ~/ml/torch}\n  - {jupyter_kernel: Torch-GPU, venv: torch, scope: system}\n");
  bench.upstream["venv.torch"] = Action::create;
  const auto decision = bench.decide("jupyter_kernel.Torch-GPU");
  CHECK(step_of<WriteFile>(decision).path == "/usr/local/share/jupyter/kernels/torch-gpu/kernel.json");
  CHECK(step_of<WriteFile>(decision).privilege == Privilege::root);
}

TEST_CASE("a name that Jupyter would not list is refused", "[kinds][jupyter_kernel]") {
  PythonBench bench;
  bench.declare("  - {venv: torch, path: ~/ml/torch}\n  - {jupyter_kernel: \"My Kernel\", venv: torch}\n");
  REQUIRE(bench.reported().size() == 1);
  CHECK(bench.reported()[0].find("found `My Kernel`") != std::string::npos);
}

}  // namespace
}  // namespace mlenv
