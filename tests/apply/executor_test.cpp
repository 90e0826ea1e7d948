#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <thread>

#include "apply/apply.hpp"
#include "host/recorded_host.hpp"
#include "plan/make_plan.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// A host in memory: writing a file under /bad fails, commands are counted.
class MemoryWriter : public HostWriter {
 public:
  std::map<std::string, std::string> files;
  std::atomic<int> running{0}, most{0};

  Result<Done> write_file(const FileContent& file) override {
    const int now = ++running;
    most = std::max(most.load(), now);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    --running;
    const std::lock_guard lock(mutex_);
    if (file.path.starts_with("/huge")) throw std::bad_alloc();
    if (file.path.starts_with("/ended"))
      return Error{"run.interrupted", "it was ended by the interruption", {}};
    if (file.path.starts_with("/bad")) return Error{"host.denied", "cannot write " + file.path, {}};
    if (!file.path.starts_with("/lost")) files[file.path] = file.bytes;
    return Done{};
  }
  Result<Done> make_directory(const std::string&, std::optional<unsigned>, const std::string&,
                              Privilege) override {
    return Done{};
  }
  Result<Done> rename(const std::string&, const std::string&, Privilege) override { return Done{}; }
  Result<Done> remove(const std::string&, Depth, Privilege) override { return Done{}; }
  Result<std::string> fetch(const std::string&, const FetchLimit&) override { return std::string(); }
  Result<Done> download(const Download&) override { return Error{"host.denied", "no downloads here", {}}; }
  Result<RemoteTail> fetch_tail(const std::string&, std::uint64_t) override {
    return Error{"host.denied", "no downloads here", {}};
  }
  Result<Output> run(const Command& command, const LineSink& lines) override {
    const int now = ++running;
    most = std::max(most.load(), now);
    lines("running " + command.argv.front());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    --running;
    Output output;
    output.exit_code = command.argv.front() == "false" ? 1 : 0;
    return output;
  }

 private:
  std::mutex mutex_;
};

struct Recorder : Listener {
  std::map<std::string, StepFinished> finished;  ///< by the first address that it serves
  std::vector<std::string> output;
  std::string status;
  void on(const Event& event) override {
    if (const auto* end = std::get_if<StepFinished>(&event)) finished[end->changes.at(0)] = *end;
    if (const auto* line = std::get_if<StepOutput>(&event)) output.push_back(line->line);
    if (const auto* end = std::get_if<RunFinished>(&event)) status = end->status;
  }
};

/// A file that is wanted at a path; satisfied once the writer holds it.
Resource wanted_file(const std::string& name, MemoryWriter& writer, std::vector<std::string> needs = {}) {
  Resource resource;
  resource.address = {"file", name};
  for (auto& need : needs) resource.needs.push_back({*Address::parse(need), {}});
  resource.decide = [name, &writer](const ProbeScope&) {
    if (writer.files.count(name) != 0) return Decision{};
    return Decision{
        Action::create, "it is not there", {}, {WriteFile{name, "x", std::nullopt, {}, Privilege::user}}, {}};
  };
  resource.spec = std::make_shared<int>(0);
  resource.same_spec = [](const void*, const void*) { return false; };
  return resource;
}

struct Bench {
  MemoryWriter writer;
  std::vector<Resource> resources;
  Recorder recorder;
  unsigned parallel = 4;
  bool interrupted = false;
  std::function<Moment()> clock = [] { return std::chrono::system_clock::now(); };

  Report run() {
    Diagnostics diagnostics;
    auto graph = link(std::move(resources), diagnostics);
    REQUIRE(graph);
    const auto reader = recorded_reader({});
    const Facts facts;
    const auto plan = make_plan(*graph, facts, *reader, {});
    ApplyRequest request{plan, *graph, writer,   *reader, [] { return Facts{}; },
                         {},   "run",  parallel, clock,   [this] { return interrupted; }};
    return apply(request, recorder);
  }
};

}  // namespace

TEST_CASE("what needs a failed resource is skipped and told why; the rest goes on", "[apply]") {
  Bench bench;
  bench.resources = {wanted_file("/bad/a", bench.writer), wanted_file("/b", bench.writer, {"file./bad/a"}),
                     wanted_file("/c", bench.writer, {"file./b"}), wanted_file("/d", bench.writer)};
  const auto report = bench.run();
  CHECK(report.status == "failed");
  CHECK(report.done == 1);
  CHECK(report.failed == 1);
  CHECK(report.skipped == 2);
  CHECK(bench.recorder.finished["file./bad/a"].reason == "cannot write /bad/a");
  CHECK(bench.recorder.finished["file./b"].status == StepStatus::skipped);
  CHECK(bench.recorder.finished["file./b"].reason == "it needs `file./bad/a`, which failed");
  CHECK(bench.recorder.finished["file./c"].reason == "it needs `file./b`, which was not reached");
  CHECK(bench.writer.files.count("/d") == 1);
}

TEST_CASE("a resource that is not as declared after its step has failed", "[apply]") {
  Bench bench;
  bench.resources = {wanted_file("/lost/a", bench.writer)};
  const auto report = bench.run();
  CHECK(report.status == "failed");
  CHECK(bench.recorder.finished["file./lost/a"].reason ==
        "applied, but not converged: `file./lost/a`: it is not there");
}

TEST_CASE("what waits for a person keeps what needs it waiting, and the run ends as waiting", "[apply]") {
  Bench bench;
  auto person = wanted_file("/person", bench.writer);
  person.decide = [](const ProbeScope&) {
    return Decision{Action::manual, "a folder is in the way", {}, {}, {}};
  };
  bench.resources = {person, wanted_file("/after", bench.writer, {"file./person"}),
                     wanted_file("/other", bench.writer)};
  const auto report = bench.run();
  CHECK(report.status == "waiting");
  CHECK(bench.writer.files.count("/after") == 0);
  CHECK(bench.writer.files.count("/other") == 1);
  CHECK(bench.recorder.finished["file./person"].status == StepStatus::waiting);
}

TEST_CASE("of a shared step the part that can be done is done", "[apply]") {
  Bench bench;
  const auto edit = [&](const std::string& name, std::vector<std::string> needs) {
    auto resource = wanted_file(name, bench.writer, std::move(needs));
    resource.decide = [name](const ProbeScope& scope) {
      return scope.facts.hostname == "never"
                 ? Decision{}
                 : Decision{Action::create,
                            "x",
                            {},
                            {AptTransaction{{{name, {}, {}}}, {}, {}, {}, false, false}},
                            {}};
    };
    return resource;
  };
  bench.resources = {wanted_file("/bad/a", bench.writer), edit("one", {}), edit("two", {"file./bad/a"})};
  bench.run();
  CHECK(bench.recorder.finished["file.two"].status == StepStatus::skipped);
  CHECK(bench.recorder.finished["file.one"].title == "install 1 apt package: one");
}

TEST_CASE("an interrupted run begins nothing more", "[apply]") {
  Bench bench;
  bench.interrupted = true;
  bench.resources = {wanted_file("/a", bench.writer)};
  CHECK(bench.run().status == "interrupted");
  CHECK(bench.writer.files.empty());
}

TEST_CASE("a step that runs out of memory has failed, and takes nothing else with it", "[apply]") {
  Bench bench;
  bench.resources = {wanted_file("/huge/a", bench.writer), wanted_file("/b", bench.writer)};
  const auto report = bench.run();
  CHECK(report.status == "failed");
  CHECK(bench.recorder.finished["file./huge/a"].reason == "there is not enough memory");
  CHECK(bench.recorder.finished["file./huge/a"].code == "host.no-memory");
  CHECK(bench.writer.files.count("/b") == 1);
}

TEST_CASE("a run of which a step was ended by the interruption is an interrupted one", "[apply]") {
  Bench bench;
  bench.resources = {wanted_file("/ended/a", bench.writer)};
  CHECK(bench.run().status == "interrupted");
}

TEST_CASE("a clock that is set back during a run makes no step take less than nothing", "[apply]") {
  Bench bench;
  bench.clock = [hour = 100]() mutable { return Moment(std::chrono::hours(hour--)); };
  bench.resources = {wanted_file("/a", bench.writer)};
  CHECK(bench.run().status == "ok");
  const auto took = bench.recorder.finished["file./a"].took;
  CHECK(took.count() >= 0);
  CHECK(took < std::chrono::minutes(10));
}

TEST_CASE("steps that have nothing to do with each other run at the same time, never more than allowed",
          "[apply]") {
  for (const unsigned parallel : {1U, 3U}) {
    Bench bench;
    bench.parallel = parallel;
    for (int i = 0; i < 6; ++i)
      bench.resources.push_back(wanted_file("/f" + std::to_string(i), bench.writer));
    CHECK(bench.run().done == 6);
    CHECK(bench.writer.most.load() == static_cast<int>(parallel));
  }
}

TEST_CASE("a failed program leaves its exit code and last lines", "[apply]") {
  Bench bench;
  auto check = wanted_file("/x", bench.writer);
  check.decide = [](const ProbeScope&) {
    RunCheck run;
    run.name = "never";
    run.argv = {"false"};
    return Decision{Action::none, {}, {}, {run}, {}};
  };
  bench.resources = {wanted_file("/a", bench.writer), check};
  CHECK(bench.run().failed == 1);
  const auto& end = bench.recorder.finished["file./x"];
  CHECK(end.exit_code == 1);
  CHECK(end.command == std::vector<std::string>{"false"});
  CHECK(end.tail == std::vector<std::string>{"running false"});
}
