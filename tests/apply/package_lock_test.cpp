#include "apply/package_lock.hpp"

#include <functional>
#include <map>

#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// A host on which somebody holds a lock for a while.
class LockedReader : public HostReader {
 public:
  /// Who holds it at the `count`th look at that path, from 1.
  std::function<std::optional<LockHolder>(const std::string& path, int count)> answer =
      [](const std::string&, int) { return std::optional<LockHolder>(); };

  std::map<std::string, std::string> files;

  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    const auto found = files.find(path);
    if (found != files.end()) return std::optional(found->second);
    return nothing_->read_file(path);
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    return nothing_->stat(path, links);
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    return nothing_->list(path);
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    return nothing_->read_link(path);
  }
  Result<Output> query(const Command& command) const override { return nothing_->query(command); }
  std::optional<LockHolder> lock_holder(const std::string& path) const override {
    return answer(path, ++looks_[path]);
  }

 private:
  std::unique_ptr<HostReader> nothing_ = recorded_reader({});
  mutable std::map<std::string, int> looks_;
};

/// Waiting changes nothing: all that it does to this host fails.
class Untouchable : public HostWriter {
 public:
  Result<Done> write_file(const FileContent&) override { return no(); }
  Result<Done> make_directory(const std::string&, std::optional<unsigned>, const std::string&,
                              Privilege) override {
    return no();
  }
  Result<Done> rename(const std::string&, const std::string&, Privilege) override { return no(); }
  Result<Done> remove(const std::string&, Depth, Privilege) override { return no(); }
  Result<std::string> fetch(const std::string&, const FetchLimit&) override { return no(); }
  Result<Done> download(const Download&) override { return no(); }
  Result<RemoteTail> fetch_tail(const std::string&, std::uint64_t) override { return no(); }
  Result<Output> run(const Command&, const LineSink&) override { return no(); }

  int touched = 0;

 private:
  Error no() { return ++touched, Error{"host.denied", "nothing is to be done here", {}}; }
};

struct Bench {
  LockedReader reader;
  Untouchable writer;
  Facts facts;
  Environment environment;
  std::vector<std::string> lines;
  std::vector<Wait> waits;
  bool interrupted = false;
  std::chrono::seconds patience{60};

  std::optional<Error> wait(PackageLocks locks = PackageLocks::packages) {
    Stage stage{writer,
                reader,
                facts,
                environment,
                [this](std::string_view line) { lines.emplace_back(line); },
                nullptr,
                [this](const Wait& wait) { waits.push_back(wait); },
                [this] { return interrupted; },
                patience};
    auto error = PackagePatience(locks, stage).wait();
    CHECK(writer.touched == 0);
    return error;
  }
};

const LockHolder upgrades{812, "/usr/bin/python3 /usr/bin/unattended-upgrade"};

std::optional<LockHolder> when(bool held) { return held ? std::optional(upgrades) : std::nullopt; }

}  // namespace

TEST_CASE("a free lock is not waited for, and nothing is said", "[apply][apt]") {
  Bench bench;
  CHECK_FALSE(bench.wait());
  CHECK(bench.waits.empty());
  CHECK(bench.lines.empty());
}

TEST_CASE("whoever holds dpkg's lock is named and waited for", "[apply][apt]") {
  Bench bench;
  bench.reader.answer = [](const std::string& path, int count) {
    return when(path == "/var/lib/dpkg/lock-frontend" && count <= 3);
  };
  CHECK_FALSE(bench.wait());
  REQUIRE(bench.waits.size() == 1);
  CHECK(bench.waits[0].holder == upgrades);
  CHECK(bench.waits[0].what == "/var/lib/dpkg/lock-frontend");
  CHECK(bench.waits[0].left == std::chrono::seconds(60));
  CHECK(bench.lines == std::vector<std::string>{"`/var/lib/dpkg/lock-frontend` is free after 0 s"});
}

TEST_CASE("another holder is told of as such", "[apply][apt]") {
  Bench bench;
  bench.reader.answer = [](const std::string& path, int count) -> std::optional<LockHolder> {
    if (path != "/var/lib/dpkg/lock" || count > 4) return std::nullopt;
    return count <= 2 ? upgrades : LockHolder{900, "dpkg -i a.deb"};
  };
  CHECK_FALSE(bench.wait());
  REQUIRE(bench.waits.size() == 2);
  CHECK(bench.waits[1].holder.process == 900);
}

TEST_CASE("the lists are another lock than the packages", "[apply][apt]") {
  Bench bench;
  bench.reader.answer = [](const std::string& path, int) { return when(path == "/var/lib/apt/lists/lock"); };
  CHECK_FALSE(bench.wait(PackageLocks::packages));
  bench.patience = std::chrono::seconds(0);
  CHECK(bench.wait(PackageLocks::indexes));
}

TEST_CASE("patience ends, and the error names the holder", "[apply][apt]") {
  Bench bench;
  bench.patience = std::chrono::seconds(1);
  bench.reader.answer = [](const std::string&, int) { return when(true); };
  const auto error = bench.wait();
  REQUIRE(error);
  CHECK(error->code == "apt.locked");
  CHECK(error->message ==
        "`/var/lib/dpkg/lock-frontend` is held by process 812, `/usr/bin/python3 "
        "/usr/bin/unattended-upgrade`, and was "
        "for 1 s");
}

TEST_CASE("a holder that cannot be seen is said to be one", "[apply][apt]") {
  Bench bench;
  bench.patience = std::chrono::seconds(0);
  bench.reader.answer = [](const std::string&, int) { return std::optional(LockHolder{}); };
  CHECK(bench.wait()->message ==
        "`/var/lib/dpkg/lock-frontend` is held by a process that cannot be seen from here");
}

TEST_CASE("an interruption ends the wait, since nothing has begun", "[apply][apt]") {
  Bench bench;
  bench.interrupted = true;
  bench.reader.answer = [](const std::string&, int) { return when(true); };
  CHECK(bench.wait()->code == "run.interrupted");
}

TEST_CASE("rpm's lock is another than apt's, and has an error of its own", "[apply][rpm]") {
  Bench bench;
  bench.patience = std::chrono::seconds(0);
  bench.reader.answer = [](const std::string& path, int) -> std::optional<LockHolder> {
    if (path != "/var/lib/rpm/.rpm.lock") return std::nullopt;
    return LockHolder{77, "rpm -U a.rpm"};
  };
  CHECK_FALSE(bench.wait());
  const auto error = bench.wait(PackageLocks::rpm);
  REQUIRE(error);
  CHECK(error->code == "rpm.locked");
  CHECK(error->message == "`/var/lib/rpm/.rpm.lock` is held by process 77, `rpm -U a.rpm`");
}

TEST_CASE("a manager of rpm's that has noted itself is named while it runs; a note that is left over is not",
          "[apply][rpm]") {
  Bench bench;
  bench.patience = std::chrono::seconds(0);
  bench.reader.files["/run/zypp.pid"] = "812\n";
  CHECK_FALSE(bench.wait(PackageLocks::rpm));
  bench.reader.files["/proc/812/cmdline"] = std::string(
      "sleep\0"
      "600\0",
      10);
  CHECK_FALSE(bench.wait(PackageLocks::rpm));
  bench.reader.files["/proc/812/cmdline"] = std::string("zypper\0update\0", 14);
  CHECK_FALSE(bench.wait(PackageLocks::packages));
  const auto error = bench.wait(PackageLocks::rpm);
  REQUIRE(error);
  CHECK(error->message == "`/run/zypp.pid` is held by process 812, `zypper update`");
}
