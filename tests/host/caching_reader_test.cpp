#include "host/caching_reader.hpp"

#include <map>

#include "support/catch.hpp"

using namespace mlenv;

namespace {

using Asked = std::map<std::string, int>;

/// Counts what it is asked for; every file says how often it was read.
class CountingReader : public HostReader {
 public:
  explicit CountingReader(Asked& asked) : asked_(asked) {}
  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    const auto count = ++asked_["file " + path];
    if (path == "/secret") return Error{"host.denied", "no", {}};
    if (path == "/none") return std::optional<std::string>();
    return std::optional(std::to_string(count) + std::string(path == "/large" ? 200000 : 0, 'x'));
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    ++asked_[(links == Links::follow ? "stat " : "lstat ") + path];
    return std::optional(FileStat{links == Links::follow ? FileType::file : FileType::symlink});
  }
  std::optional<LockHolder> lock_holder(const std::string& path) const override {
    LockHolder holder;
    holder.process = ++asked_["lock " + path];
    return holder;
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    ++asked_["list " + path];
    return std::vector<DirectoryEntry>{{"entry", FileType::file}};
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    ++asked_["link " + path];
    return std::optional<std::string>("target");
  }
  Result<Output> query(const Command&) const override { return Error{"host.failed", "no", {}}; }

 private:
  Asked& asked_;
};

}  // namespace

TEST_CASE("nothing is looked at twice while a plan is made", "[host][reader]") {
  Asked asked;
  const auto reader = caching_reader(std::make_unique<CountingReader>(asked));
  for (int i = 0; i < 3; ++i) {
    CHECK(**reader->read_file("/etc/passwd") == "1");
    CHECK_FALSE(reader->read_file("/secret"));
    CHECK_FALSE(*reader->read_file("/none"));
    CHECK((*reader->stat("/a", Links::follow))->type == FileType::file);
    CHECK((*reader->stat("/a", Links::keep))->type == FileType::symlink);
    CHECK(reader->list("/a")->size() == 1);
    CHECK(**reader->read_link("/a") == "target");
    CHECK(reader->share_file("/large")->view().size() == 200001);
  }
  for (const auto& [what, count] : asked) {
    INFO(what);
    CHECK(count == 1);
  }
}

TEST_CASE("a shared file is not copied, and read as a plain one too", "[host][reader]") {
  Asked asked;
  const auto reader = caching_reader(std::make_unique<CountingReader>(asked));
  CHECK(reader->share_file("/large")->view().data() == reader->share_file("/large")->view().data());
  CHECK((*reader->read_file("/large"))->size() == 200001);
  CHECK(asked["file /large"] == 1);
  CHECK_FALSE(bool(*reader->share_file("/none")));
  CHECK_FALSE(reader->share_file("/secret"));
}

TEST_CASE("what is remembered goes when the plan is made", "[host][reader]") {
  Asked asked;
  const auto reader = caching_reader(std::make_unique<CountingReader>(asked));
  CHECK(**reader->read_file("/etc/passwd") == "1");
  forget_looks(*reader);
  CHECK(**reader->read_file("/etc/passwd") == "2");
  CHECK(**reader->read_file("/etc/passwd") == "3");
  CHECK(reader->list("/a")->size() == 1);
  CHECK(reader->list("/a")->size() == 1);
  CHECK(asked["list /a"] == 2);
}

TEST_CASE("who holds a lock is asked each time", "[host][caching]") {
  Asked asked;
  const auto host = caching_reader(std::make_unique<CountingReader>(asked));
  REQUIRE(host->lock_holder("/var/lib/dpkg/lock"));
  CHECK(host->lock_holder("/var/lib/dpkg/lock")->process == 2);
}
