#include "host/process.hpp"

#include <chrono>

#include "support/catch.hpp"

using namespace mlenv;

namespace {

Output run(std::vector<std::string> argv, std::chrono::seconds limit = std::chrono::seconds(0),
           std::string input = {}, const LineSink& lines = {}) {
  Process process;
  process.argv = std::move(argv);
  process.environment = {{"PATH", standard_path}, {"GREETING", "hello"}};
  process.limit = limit;
  process.input = std::move(input);
  auto output = run_process(process, lines);
  REQUIRE(output);
  return *output;
}

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

TEST_CASE("a program's output and exit code come back", "[host][process]") {
  const auto output = run({"sh", "-c", "echo out; echo err >&2; exit 3"});
  CHECK(output.exit_code == 3);
  CHECK(output.out == "out\n");
  CHECK(output.err == "err\n");
  CHECK(run({"sh", "-c", "kill -9 $$"}).exit_code == 137);
}

TEST_CASE("arguments and environment arrive as they are, and nothing else does", "[host][process]") {
  CHECK(run({"printf", "%s|", "a b", "$HOME", "*", ""}).out == "a b|$HOME|*||");
  CHECK(run({"sh", "-c", "echo $GREETING; env | grep -c '^HOME=' || true"}).out == "hello\n0\n");
}

TEST_CASE("standard input is what is given, else nothing", "[host][process]") {
  CHECK(run({"cat"}).out.empty());
  CHECK(run({"cat"}, {}, std::string(100000, 'x')).out.size() == 100000);
}

TEST_CASE("a program that is not there ends with 127", "[host][process]") {
  CHECK(run({"no-such-program"}).exit_code == 127);
  CHECK(run({"/no/such/program"}).exit_code == 127);
}

TEST_CASE("a program is the first of its name in the PATH that can be run, and is called by its name",
          "[host][process]") {
  const auto made = run({"mktemp", "-d"});
  const auto folder = made.out.substr(0, made.out.find('\n'));
  run({"sh", "-c",
       "cd \"$1\" && mkdir -p a/tool b c d && echo text >b/tool && ln -s nowhere c/tool && "
       "cp \"$(command -v cat)\" d/tool && echo 'echo \"$1\", said the shell' >d/plain && chmod +x d/plain",
       "sh", folder});
  Process process;
  process.argv = {"tool", "/proc/self/cmdline"};
  std::string path = "/no/such/folder";
  for (const char* each : {"/a", "/b", "/c", "/d"}) path += ":" + folder + each;
  process.environment = {{"PATH", path}};
  const auto output = run_process(process, {});
  REQUIRE(output);
  CHECK(output->out == std::string("tool\0/proc/self/cmdline\0", 24));
  process.environment["PATH"] = folder + "/a:" + folder + "/b:" + folder + "/c";
  const auto refused = run_process(process, {});
  CHECK(refused->exit_code == 126);
  CHECK(refused->err == "mlenvctl: cannot start `tool`: Permission denied\n");
  process.argv = {"plain", "a script without its first line"};
  process.environment["PATH"] = path;
  CHECK(run_process(process, {})->out == "a script without its first line, said the shell\n");
  run({"rm", "-r", folder});
}

TEST_CASE("lines are told as they come, and much output is cut to its end", "[host][process]") {
  std::vector<std::string> lines;
  run({"sh", "-c", "echo one; echo; printf two"}, {}, {},
      [&](std::string_view line) { lines.emplace_back(line); });
  CHECK(lines == std::vector<std::string>{"one", "two"});
  const auto output = run({"sh", "-c", "head -c 50000000 /dev/zero | tr '\\0' x; echo the end"});
  CHECK(output.out.size() <= 1024 * 1024);
  CHECK(output.out.ends_with("the end\n"));
}

TEST_CASE("a program that takes too long is ended with all it started", "[host][process]") {
  Output output;
  CHECK(seconds_of([&] { output = run({"sh", "-c", "sleep 60 & sleep 60"}, std::chrono::seconds(1)); }) < 10);
  CHECK(output.timed_out);
}

TEST_CASE("output that a child's child holds open is not waited for", "[host][process]") {
  CHECK(seconds_of([&] { CHECK(run({"sh", "-c", "sleep 20 & echo done"}).out == "done\n"); }) < 5);
}

TEST_CASE("a program that ends at once is seen at once", "[host][process]") {
  CHECK(seconds_of([&] {
          for (int i = 0; i < 10; ++i) run({"/bin/true"});
        }) < 2);
}
