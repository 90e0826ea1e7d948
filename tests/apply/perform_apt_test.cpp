#include <algorithm>
#include <functional>
#include <memory>

#include "apply/perform.hpp"
#include "base/openpgp.hpp"
#include "base/text.hpp"
#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

Output said(int exit_code, std::string err, std::string out = {}) {
  Output output;
  output.exit_code = exit_code;
  output.out = std::move(out);
  output.err = std::move(err);
  return output;
}

/// A host in memory whose programs end as a test says. Keeps what was run and written.
class AptBench : public HostWriter {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> web;
  std::vector<Command> ran;
  std::vector<std::string> lines;
  /// How a program ends; `count` is how often this line has been run, from 1.
  std::function<Output(const std::string& line, int count)> answer = [](const std::string&, int) {
    return Output{};
  };

  Outcome perform(const Step& step) {
    std::map<std::string, RecordedFile> recorded;
    for (const auto& [path, text] : files) recorded[path].content = text;
    const auto reader = recorded_reader(std::move(recorded));
    Stage stage{*this, *reader, facts_, environment_,
                [&](std::string_view line) { lines.emplace_back(line); }};
    stage.patience = std::chrono::seconds(1);
    return mlenv::perform(step, stage);
  }
  std::vector<std::string> programs() const {
    std::vector<std::string> shown;
    for (const auto& command : ran) shown.push_back(join(command.argv, " "));
    return shown;
  }
  int times(const std::string& word) const {
    const auto all = programs();
    return static_cast<int>(std::count_if(
        all.begin(), all.end(), [&](const auto& line) { return line.find(word) != std::string::npos; }));
  }

  Result<Done> write_file(const FileContent& file) override {
    if (file.path == refused) return Error{"host.denied", "cannot write " + file.path, {}};
    files[file.path] = file.bytes;
    return Done{};
  }
  Result<Done> make_directory(const std::string&, std::optional<unsigned>, const std::string&,
                              Privilege) override {
    return Done{};
  }
  Result<Done> rename(const std::string& from, const std::string& to, Privilege) override {
    files[to] = files.at(from);
    files.erase(from);
    return Done{};
  }
  Result<Done> remove(const std::string& path, Depth, Privilege) override {
    std::erase_if(files, [&](const auto& each) { return each.first.starts_with(path); });
    return Done{};
  }
  Result<std::string> fetch(const std::string& url, const FetchLimit&) override {
    const auto found = web.find(url);
    if (found == web.end()) return Error{"host.fetch", url + " answered 404", {}};
    return found->second;
  }
  Result<Done> download(const Download&) override { return Error{"host.denied", "no downloads here", {}}; }
  Result<RemoteTail> fetch_tail(const std::string&, std::uint64_t) override {
    return Error{"host.denied", "no downloads here", {}};
  }
  Result<Output> run(const Command& command, const LineSink&) override {
    ran.push_back(command);
    const auto line = join(command.argv, " ");
    return answer(line, ++counts_[line]);
  }

  std::string refused;  ///< a path that cannot be written

 private:
  std::map<std::string, int> counts_;
  Facts facts_;
  Environment environment_;
};

/// A public key packet of version 4; what is in it is nobody's business here.
std::string key_with(char letter) { return "\xC6\x08\x04" + std::string(7, letter); }
std::string fingerprint_of(const std::string& key) { return public_keys(key)->front().fingerprint; }

constexpr const char* source_path = "/etc/apt/sources.list.d/lab.sources";
constexpr const char* keyring_path = "/etc/apt/keyrings/lab.gpg";

AddRepository lab_repository() {
  AddRepository step;
  step.name = "lab";
  step.key_locations = {"http://lab/upper.pub", "http://lab/key.pub"};
  step.fingerprints = {fingerprint_of(key_with('a'))};
  step.keyring_path = keyring_path;
  step.source_path = source_path;
  step.source_content =
      "Types: deb\nURIs: http://lab/\nSuites: /\nSigned-By: " + std::string(keyring_path) + "\n";
  step.pin_path = "/etc/apt/preferences.d/lab";
  step.pin_content = "Package: *\nPin: origin lab\nPin-Priority: 600\n";
  return step;
}

bool is_update(const std::string& line) { return line.starts_with("apt-get update"); }

AptTransaction installation(const std::string& name, const std::string& version = {},
                            const std::string& constraint = {}) {
  AptTransaction step;
  step.install = {{name, version, constraint}};
  return step;
}

constexpr const char* madison =
    " libcudnn8 | 8.0.5.39-1+cuda11.0 | http://lab / Packages\n"
    " libcudnn8 | 8.1.0.77-1+cuda11.2 | http://lab / Packages\n"
    " libcudnn8 | 9.0-1 | http://lab / Sources\n";

}  // namespace

TEST_CASE("a repository is rehearsed alone, then its keyring, pin and source are put in place",
          "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('b') + key_with('a');
  bench.answer = [&](const std::string& line, int) {
    if (is_update(line)) {
      CHECK(bench.files.count(source_path) == 0);
      CHECK(line.find("Dir::Etc::sourceparts=-") != std::string::npos);
      CHECK(bench.files.at("/run/mlenvctl-apt-lab/new.sources").find("Signed-By: /run/mlenvctl-apt-lab/") !=
            std::string::npos);
    }
    return Output{};
  };
  REQUIRE(bench.perform(lab_repository()).ok());
  CHECK(bench.files.at(keyring_path) == key_with('a'));
  CHECK(bench.files.at(source_path) == lab_repository().source_content);
  CHECK(bench.files.at("/etc/apt/preferences.d/lab") == lab_repository().pin_content);
  CHECK(bench.files.size() == 3);
}

TEST_CASE("another key than the trusted one is refused with both fingerprints, and nothing is written",
          "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('b');
  const auto outcome = bench.perform(lab_repository());
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error->code == "apt.wrong-key");
  CHECK(outcome.error->message.find(fingerprint_of(key_with('a'))) != std::string::npos);
  CHECK(outcome.error->message.find(fingerprint_of(key_with('b'))) != std::string::npos);
  CHECK(bench.files.empty());
  CHECK(bench.ran.empty());
}

TEST_CASE("a key that is not to be had, or is none, ends before apt is asked", "[apply][apt]") {
  AptBench bench;
  CHECK(bench.perform(lab_repository()).error->code == "apt.no-key");
  bench.web["http://lab/key.pub"] = "<html>";
  CHECK(bench.perform(lab_repository()).error->code == "apt.no-key");
  CHECK(bench.ran.empty());
}

TEST_CASE("an index that apt only warns about is a failure, and nothing stays", "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('a');
  bench.answer = [](const std::string& line, int) {
    return is_update(line) ? said(0, "W: Failed to fetch http://u:secret@lab/InRelease  404\n") : Output{};
  };
  const auto outcome = bench.perform(lab_repository());
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error->code == "apt.update-failed");
  CHECK(outcome.error->message.find("secret") == std::string::npos);
  CHECK(bench.files.empty());
}

TEST_CASE("a warning about what apt takes all the same is none", "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('a');
  bench.answer = [](const std::string& line, int) {
    return is_update(line) ? said(0, "W: http://lab: Policy will reject signature within a year\n")
                           : Output{};
  };
  CHECK(bench.perform(lab_repository()).ok());
}

TEST_CASE("a mirror in the middle of its own update is asked again", "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('a');
  bench.answer = [](const std::string& line, int count) {
    return is_update(line) && count == 1
               ? said(100, "E: Failed to fetch http://lab/Packages  File has unexpected size (2 != 1)\n")
               : Output{};
  };
  CHECK(bench.perform(lab_repository()).ok());
  CHECK(bench.times("apt-get update") == 2);
  CHECK(bench.files.count(source_path) == 1);
}

TEST_CASE("the lists of another program of apt's are waited for", "[apply][apt]") {
  AptBench bench;
  bench.answer = [](const std::string&, int count) {
    return count == 1 ? said(100, "E: Could not get lock /var/lib/apt/lists/lock.\n") : Output{};
  };
  CHECK(bench.perform(UpdateIndex{}).ok());
  CHECK(bench.times("apt-get update") == 2);
}

TEST_CASE("other sources of the archive are switched off, and back on when a file cannot be written",
          "[apply][apt]") {
  auto step = lab_repository();
  step.disabled = {{"/etc/apt/sources.list.d/old.list", "/etc/apt/sources.list.d/old.list.disabled"}};
  step.replaced = {{"/etc/apt/sources.list", "# off\n"}};
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('a');
  bench.files = {{"/etc/apt/sources.list.d/old.list", "old"}, {"/etc/apt/sources.list", "deb x y z\n"}};
  const auto before = bench.files;
  bench.refused = source_path;
  CHECK(bench.perform(step).error->code == "host.denied");
  CHECK(bench.files == before);
  bench.refused.clear();
  CHECK(bench.perform(step).ok());
  CHECK(bench.files.at("/etc/apt/sources.list.d/old.list.disabled") == "old");
  CHECK(bench.files.at("/etc/apt/sources.list") == "# off\n");
}

TEST_CASE("when apt cannot read its sources any more, all is taken back", "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('a');
  bench.answer = [&](const std::string& line, int) {
    const bool conflict = line == "apt-cache policy" && bench.files.count(source_path) == 1;
    return conflict ? said(100, "E: Conflicting values set for option Signed-By\n") : Output{};
  };
  const auto outcome = bench.perform(lab_repository());
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error->code == "apt.sources");
  CHECK(bench.files.empty());
}

TEST_CASE("a host whose sources are in disorder already gets the new one too", "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('a');
  bench.answer = [](const std::string& line, int) {
    return line == "apt-cache policy" ? said(100, "E: Malformed line 1 in source list\n") : Output{};
  };
  CHECK(bench.perform(lab_repository()).ok());
  CHECK(bench.files.count(source_path) == 1);
  CHECK(bench.files.count(keyring_path) == 1);
}

TEST_CASE("apt is asked once whether it can read a new source", "[apply][apt]") {
  AptBench bench;
  bench.web["http://lab/key.pub"] = key_with('a');
  CHECK(bench.perform(lab_repository()).ok());
  CHECK(bench.times("apt-cache policy") == 1);
}

TEST_CASE("apt can ask nobody anything", "[apply][apt]") {
  AptBench bench;
  REQUIRE(bench.perform(installation("jq")).ok());
  REQUIRE(bench.ran.size() == 1);
  CHECK(bench.ran[0].privilege == Privilege::root);
  CHECK(bench.ran[0].env.at("DEBIAN_FRONTEND") == "noninteractive");
  CHECK(bench.ran[0].env.at("NEEDRESTART_MODE") == "l");
  CHECK(bench.programs()[0].find("--force-confold") != std::string::npos);
}

TEST_CASE("a hold is lifted for the change and comes back, also when the change fails", "[apply][apt]") {
  for (const bool fails : {false, true}) {
    AptBench bench;
    bench.answer = [&](const std::string& line, int) {
      return fails && line.find(" install ") != std::string::npos ? said(100, "E: Broken packages\n")
                                                                  : Output{};
    };
    auto step = installation("libcudnn8", "8.0.5.39-1+cuda11.0");
    step.hold = step.unhold = {"libcudnn8"};
    const auto outcome = bench.perform(step);
    CHECK(outcome.ok() != fails);
    if (fails) CHECK(outcome.error->message == "Broken packages");
    const auto programs = bench.programs();
    CHECK(programs.front() == "apt-mark unhold -- libcudnn8");
    CHECK(programs.back() == "apt-mark hold -- libcudnn8");
  }
}

TEST_CASE("an interrupted run of dpkg's is finished before", "[apply][apt]") {
  AptBench bench;
  auto step = installation("jq");
  step.configure_first = true;
  REQUIRE(bench.perform(step).ok());
  CHECK(bench.programs().front().starts_with("dpkg --configure -a"));
}

TEST_CASE("a comparison takes the newest version that satisfies it, of packages and not of their sources",
          "[apply][apt]") {
  AptBench bench;
  bench.answer = [](const std::string& line, int) {
    return line.starts_with("apt-cache madison") ? said(0, {}, madison) : Output{};
  };
  REQUIRE(bench.perform(installation("libcudnn8", {}, ">=8.0")).ok());
  CHECK(bench.programs().back().ends_with(" install -- libcudnn8=8.1.0.77-1+cuda11.2"));
  const auto outcome = bench.perform(installation("libcudnn8", {}, ">=8.2"));
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error->code == "apt.no-candidate");
  CHECK(outcome.error->hint == "apt knows: 8.1.0.77-1+cuda11.2, 8.0.5.39-1+cuda11.0");
  CHECK(bench.times("apt-get update") == 1);
}

TEST_CASE("an index that is old is updated once, and what apt has instead is told", "[apply][apt]") {
  AptBench bench;
  bench.answer = [](const std::string& line, int count) {
    if (line.starts_with("apt-cache madison")) return said(0, {}, madison);
    const bool first = line.find("install -- libcudnn8=8.0.5.39") != std::string::npos && count == 1;
    const bool never = line.find("install -- libcudnn8=8.0.9") != std::string::npos;
    return first || never ? said(100, "E: Version '8.0' for 'libcudnn8' was not found\n") : Output{};
  };
  CHECK(bench.perform(installation("libcudnn8", "8.0.5.39-1+cuda11.0")).ok());
  CHECK(bench.times("apt-get update") == 1);
  const auto outcome = bench.perform(installation("libcudnn8", "8.0.9"));
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error->code == "apt.no-candidate");
  CHECK(outcome.error->hint == "of `libcudnn8`, apt knows: 8.1.0.77-1+cuda11.2, 8.0.5.39-1+cuda11.0");
}

TEST_CASE("a package that comes damaged is fetched again with the index of then", "[apply][apt]") {
  AptBench bench;
  bench.answer = [](const std::string& line, int count) {
    return line.find("install -- jq") != std::string::npos && count == 1
               ? said(100, "E: Failed to fetch http://lab/jq.deb  Hash Sum mismatch\n")
               : Output{};
  };
  CHECK(bench.perform(installation("jq")).ok());
  CHECK(bench.times("apt-get update") == 1);
}

TEST_CASE("a lock that does not go away is told as such", "[apply][apt]") {
  AptBench bench;
  bench.answer = [](const std::string& line, int) {
    return line.find("install -- jq") != std::string::npos
               ? said(100, "E: Could not get lock /var/lib/dpkg/lock-frontend.\n")
               : Output{};
  };
  CHECK(bench.perform(installation("jq")).error->code == "apt.locked");
}
