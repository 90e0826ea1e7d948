#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "apply/perform.hpp"
#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// A server of wheels; what is called `bad` it does not have.
class WheelServer : public HostWriter {
 public:
  std::set<std::string> brought;
  std::atomic<int> asked{0}, running{0}, most{0};

  Outcome fetch(const std::vector<std::string>& names) {
    FetchWheels step;
    for (const auto& name : names) {
      const auto file = name + "-1-py3-none-any.whl";
      step.wheels.push_back({name, "1", file, "https://example.org/" + file, {}});
      step.wheels.back().sha256 = (name + std::string(64, 'a')).substr(0, 64);
    }
    const auto reader = recorded_reader({});
    Fetching fetching{{"/packages", Privilege::root}, {{{"/wheels", Privilege::user}, {}}, {}}};
    const Facts facts;
    const Environment environment;
    Stage stage{*this, *reader, facts, environment, {}, &fetching};
    return perform(Step(step), stage);
  }

  Result<Done> download(const Download& what) override {
    ++asked;
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    --running;
    if (what.url.find("bad") != std::string::npos)
      return Error{"fetch.failed", "there is no " + what.url, {}};
    const std::lock_guard lock(mutex_);
    brought.insert(what.url);
    return Done{};
  }
  Result<Done> make_directory(const std::string&, std::optional<unsigned>, const std::string&,
                              Privilege) override {
    return Done{};
  }
  Result<Done> write_file(const FileContent&) override { return refused(); }
  Result<Done> rename(const std::string&, const std::string&, Privilege) override { return refused(); }
  Result<Done> remove(const std::string&, Depth, Privilege) override { return refused(); }
  Result<std::string> fetch(const std::string&, const FetchLimit&) override { return refused(); }
  Result<RemoteTail> fetch_tail(const std::string&, std::uint64_t) override { return refused(); }
  Result<Output> run(const Command&, const LineSink&) override { return refused(); }

 private:
  static Error refused() { return {"host.denied", "only downloads are expected", {}}; }
  std::mutex mutex_;
};

std::vector<std::string> many(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back("wheel" + std::to_string(i));
  return names;
}

}  // namespace

TEST_CASE("wheels come several at a time, each of them once", "[apply][fetch]") {
  WheelServer server;
  REQUIRE(server.fetch(many(40)).ok());
  CHECK(server.brought.size() == 40);
  CHECK(server.asked == 40);
  CHECK(server.most > 1);
  CHECK(server.most <= 6);
}

TEST_CASE("after a wheel that cannot be had no further one is asked for", "[apply][fetch]") {
  WheelServer server;
  auto names = many(40);
  names.front() = "bad";
  const auto outcome = server.fetch(names);
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "fetch.failed");
  CHECK(server.asked < 20);
}
