#include "view/events_view.hpp"

#include <atomic>
#include <mutex>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "golden.hpp"
#include "view/live_area.hpp"

using namespace mlenv;

namespace {

Moment at(int seconds) {
  return Moment(std::chrono::seconds(1614834367 + seconds)) + std::chrono::milliseconds(890);
}

/// A run in which the second of four steps fails, the third is not reached, and a venv waits for a person.
std::vector<Event> failing_run() {
  using std::chrono::milliseconds;
  StepFinished waiting;
  waiting.title = "venv.notes";
  waiting.status = StepStatus::waiting;
  waiting.reason = "a folder that mlenvctl did not make stands there";
  waiting.hint = "move it away, or name another path";
  waiting.code = "venv.not-ours";
  waiting.changes = {"venv.notes"};
  StepFinished done{1,
                    "make the folder /home/student/ml",
                    StepStatus::ok,
                    {},
                    {},
                    {},
                    0,
                    {},
                    {"directory.ml"},
                    milliseconds(40),
                    at(0)};
  StepFinished failed{2,
                      "install 1 apt package: libcudnn8",
                      StepStatus::failed,
                      "`apt-get` ended with exit code 100",
                      "see what holds the package back",
                      {"apt-get", "install", "--", "libcudnn8"},
                      100,
                      {"Reading package lists...", "E: \x1b[1mUnable to locate package libcudnn8"},
                      {"apt_package.libcudnn8"},
                      milliseconds(192'500),
                      at(193)};
  StepFinished skipped;
  skipped.step = 3;
  skipped.title = "check: cudnn";
  skipped.status = StepStatus::skipped;
  skipped.reason = "it needs `apt_package.libcudnn8`, which failed";
  skipped.changes = {"check.cudnn"};
  skipped.at = at(193);
  StepFinished last{4,          "write /home/student/a", StepStatus::ok, {}, {}, {}, 0, {},
                    {"file.a"}, milliseconds(1200),      at(195)};
  return {RunStarted{"r1", "lab", 4, at(0)},
          waiting,
          StepStarted{1, done.title, {}, at(0)},
          done,
          StepStarted{2, failed.title, failed.command, at(0)},
          StepOutput{2, "Get:1 https://***@mirror/ libcudnn8"},
          failed,
          skipped,
          StepStarted{4, last.title, {}, at(194)},
          last,
          RunFinished{"r1", "failed", 2, 1, 1, milliseconds(195'000), at(195)}};
}

std::string told(const Style& style) {
  std::ostringstream out;
  const auto listener = text_listener(out, style, [] { return at(5); });
  for (const auto& event : failing_run()) listener->on(event);
  return out.str();
}

}  // namespace

TEST_CASE("events are one JSON object a line, the format first", "[view][events]") {
  std::string text;
  const auto listener = json_listener([&](std::string_view line) { text += std::string(line) + "\n"; });
  for (const auto& event : failing_run()) listener->on(event);
  check_golden("events.jsonl", text);
}

TEST_CASE("events hold neither credentials nor bytes that are no UTF-8", "[view][events]") {
  std::vector<std::string> lines;
  const auto listener = json_listener([&](std::string_view line) { lines.emplace_back(line); });
  listener->on(StepStarted{1, "fetch https://me:secret@host/x", {"curl", "https://me:secret@host/x"}, at(0)});
  listener->on(StepOutput{1, "caf\xe9"});
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].find("secret") == std::string::npos);
  CHECK(nlohmann::json::parse(lines[2])["line"] == "caf\xef\xbf\xbd");
}

TEST_CASE("without a terminal a run is plain lines and ends with what failed", "[view][events]") {
  check_golden("run.txt", told({}));
  check_golden("run-verbose.txt", told({false, true, 0}));
}

TEST_CASE("a run that went well ends with one line", "[view][events]") {
  std::ostringstream out;
  const auto listener = text_listener(out, {});
  listener->on(RunStarted{"r1", "lab", 1, at(0)});
  listener->on(StepStarted{1, "write /a", {}, at(0)});
  listener->on(StepFinished{
      1, "write /a", StepStatus::ok, {}, {}, {}, 0, {}, {}, std::chrono::milliseconds(250), at(0)});
  listener->on(RunFinished{"r1", "ok", 1, 0, 0, std::chrono::milliseconds(250), at(0)});
  CHECK(out.str() == "[1/1] write /a …\n[1/1] done in 0.2 s\n\nDone: 1 step in 0.2 s.\n");
}

TEST_CASE("an interrupted run says how much was not begun", "[view][events]") {
  std::ostringstream out;
  const auto listener = text_listener(out, {});
  listener->on(RunStarted{"r1", "lab", 3, at(0)});
  listener->on(StepFinished{
      1, "write /a", StepStatus::ok, {}, {}, {}, 0, {}, {}, std::chrono::milliseconds(250), at(0)});
  listener->on(RunFinished{"r1", "interrupted", 1, 0, 0, std::chrono::milliseconds(2500), at(3)});
  CHECK(out.str().find("Interrupted: 1 done, 2 not begun, in 2 s.\n") != std::string::npos);
}

TEST_CASE("on a terminal a running step has one line with its time and last output", "[view][events]") {
  std::ostringstream out;
  {
    const auto listener = text_listener(out, {false, false, 60}, [] { return at(12); });
    listener->on(RunStarted{"r1", "lab", 2, at(0)});
    listener->on(StepStarted{1, "install 1 apt package: libcudnn8", {}, at(0)});
    CHECK(out.str() == "[1/2] install 1 apt package: libcudnn8  0 s\x1b[K\n");
    listener->on(StepOutput{1, "Unpacking libcudnn8"});
    listener->on(StepFinished{1,
                              "install 1 apt package: libcudnn8",
                              StepStatus::ok,
                              {},
                              {},
                              {},
                              0,
                              {},
                              {},
                              std::chrono::seconds(12),
                              at(12)});
  }
  CHECK(out.str().find("\r\x1b[1A\x1b[J[1/2] install 1 apt package: libcudnn8: done in 12 s\n") !=
        std::string::npos);
}

namespace {

/// A stream's buffer that may be read while another thread writes.
class SharedBuffer : public std::stringbuf {
 public:
  std::string text() {
    const std::lock_guard lock(mutex_);
    return str();
  }

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    const std::lock_guard lock(mutex_);
    return std::stringbuf::xsputn(bytes, count);
  }

 private:
  std::mutex mutex_;
};

bool soon(const std::function<bool()>& holds) {
  for (int i = 0; i < 500 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return holds();
}

}  // namespace

TEST_CASE("the live line ticks while nothing is said, and goes when the listener goes", "[view][events]") {
  SharedBuffer buffer;
  std::ostream out(&buffer);
  std::atomic<int> now = 0;
  {
    const auto listener = text_listener(out, {false, false, 80}, [&] { return at(now); });
    listener->on(RunStarted{"r1", "lab", 1, at(0)});
    listener->on(StepStarted{1, "wait", {}, at(0)});
    listener->on(StepOutput{1, "half \x1b[2J way"});
    now = 65;
    CHECK(
        soon([&] { return buffer.text().find("wait  1 min 5 s  half \\x1b[2J way") != std::string::npos; }));
  }
  CHECK(buffer.text().substr(buffer.text().size() - 8) == "\r\x1b[1A\x1b[J");
}

TEST_CASE("live lines are never as wide as the terminal", "[view][events]") {
  for (const unsigned width : {20U, 21U, 40U}) {
    std::ostringstream out;
    int now = 0;
    const auto listener =
        text_listener(out, {false, false, width}, [&] { return at(std::exchange(now, 3700)); });
    listener->on(RunStarted{"r1", "lab", 9, at(0)});
    listener->on(StepStarted{1, std::string(300, 'x'), {}, at(0)});
    const auto text = out.str();
    const auto line = text.substr(0, text.find('\x1b'));
    std::size_t seen = 0;
    for (const char c : line) seen += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    INFO(width << ": " << line);
    CHECK(seen < width);
    CHECK(line.find("1 h 1 min") != std::string::npos);
  }
}

TEST_CASE("a step that waits for somebody says for whom and for how long, and when it goes on",
          "[view][events]") {
  const StepWaiting wait{1, "/var/lib/dpkg/lock", 812, "apt upgrade", std::chrono::seconds(600), at(0)};
  std::ostringstream plain;
  {
    const auto listener = text_listener(plain, {}, [] { return at(0); });
    listener->on(RunStarted{"r1", "lab", 1, at(0)});
    listener->on(StepStarted{1, "install jq", {}, at(0)});
    listener->on(wait);
    listener->on(StepOutput{1, "`/var/lib/dpkg/lock` is free after 9 s"});
    listener->on(StepOutput{1, "Unpacking jq"});
  }
  CHECK(plain.str() ==
        "[1/1] install jq …\n"
        "      waiting for process 812 (`apt upgrade`), which holds /var/lib/dpkg/lock, at most 10 min 0 s\n"
        "      `/var/lib/dpkg/lock` is free after 9 s\n");
  SharedBuffer buffer;
  std::ostream out(&buffer);
  std::atomic<int> now = 0;
  const auto listener = text_listener(out, {false, false, 100}, [&] { return at(now); });
  listener->on(RunStarted{"r1", "lab", 1, at(0)});
  listener->on(StepStarted{1, "install jq", {}, at(0)});
  listener->on(wait);
  now = 61;
  const auto countdown = "1 min 1 s  gives up in 8 min 59 s, waits for process 812 (`apt upgrade`)";
  CHECK(soon([&] { return buffer.text().find(countdown) != std::string::npos; }));
}

TEST_CASE("without a terminal a step that takes long says now and then that it goes on", "[view][events]") {
  SharedBuffer buffer;
  std::ostream out(&buffer);
  std::atomic<int> now = 0;
  const auto listener = text_listener(out, {}, [&] { return at(now); });
  listener->on(RunStarted{"r1", "lab", 1, at(0)});
  listener->on(StepStarted{1, "install jq", {}, at(0)});
  listener->on(StepOutput{1, "Unpacking jq"});
  now = 299;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(buffer.text() == "[1/1] install jq …\n");
  now = 301;
  CHECK(soon([&] {
    return buffer.text() == "[1/1] install jq …\n[1/1] still running after 5 min 1 s: Unpacking jq\n";
  }));
}

TEST_CASE("what an interruption means is said at once", "[view][events]") {
  std::ostringstream out;
  const auto listener = text_listener(out, {}, [] { return at(0); });
  listener->on(RunStarted{"r1", "lab", 2, at(0)});
  listener->on(StepStarted{1, "install jq", {}, at(0)});
  out.str("");
  listener->on(RunStopping{false, at(1)});
  CHECK(out.str() ==
        "Interrupted: the run ends after `install jq`. Once more ends downloads, pip and checks at once; apt "
        "and dpkg "
        "always finish.\n");
  out.str("");
  listener->on(RunStopping{true, at(2)});
  CHECK(out.str() ==
        "Interrupted: what may be ended is being ended; apt and dpkg finish what they are at.\n");
}

TEST_CASE("a terminal without room gets plain lines", "[view][events]") {
  std::ostringstream out;
  const auto listener = text_listener(out, {false, false, 8}, [] { return at(0); });
  listener->on(StepStarted{1, "write /a", {}, at(0)});
  CHECK(out.str().find('\x1b') == std::string::npos);
}

TEST_CASE("a live area draws over itself and writes nothing when nothing changed", "[view][events]") {
  std::ostringstream out;
  LiveArea area(out);
  area.show({"a", "b"});
  area.show({"a", "b"});
  CHECK(out.str() == "a\x1b[K\nb\x1b[K\n");
  out.str("");
  area.show({"c"});
  CHECK(out.str() == "\r\x1b[2Ac\x1b[K\n\x1b[J");
  out.str("");
  area.print("kept\n");
  CHECK(out.str() == "\r\x1b[1A\x1b[Jkept\n");
}

TEST_CASE("durations read as a person says them", "[view][events]") {
  using std::chrono::milliseconds;
  CHECK(duration_text(milliseconds(0)) == "0.0 s");
  CHECK(duration_text(milliseconds(999)) == "0.9 s");
  CHECK(duration_text(milliseconds(59'999)) == "59 s");
  CHECK(duration_text(milliseconds(192'000)) == "3 min 12 s");
  CHECK(duration_text(milliseconds(3'840'000)) == "1 h 4 min");
}
