#include "host/nvml.hpp"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <thread>

#include "host/nvml_json.hpp"
#include "support/catch.hpp"

using namespace mlenv;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::string folder = MLENV_FAKE_NVML;
const std::string current_library = folder + "/libnvidia-ml.so.1";
const std::string old_library = folder + "/libnvidia-ml-old.so.1";
const std::string empty_library = folder + "/libnvidia-ml-empty.so.1";

/// Asks the stand-in, which behaves as said.
NvmlAnswer ask(const std::string& behaviour, std::chrono::milliseconds limit = 20s,
               const std::string& library = current_library) {
  ::setenv("FAKE_NVML", behaviour.c_str(), 1);
  return ask_nvml(library, limit);
}

NvmlGpu rtx3070() {
  return {"0000:01:00.0", "10de:2484", "NVIDIA GeForce RTX 3070", "8.6", 8589934592U, std::nullopt};
}
NvmlGpu gtx1080() {
  return {"0000:0a:00.0", "10de:1b80", "NVIDIA GeForce GTX 1080", "6.1", 8513978368U, std::nullopt};
}

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool no_child_is_left() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

std::size_t open_descriptors() {
  const fs::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// A file that the stand-in writes its process number into.
class NumberFile {
 public:
  NumberFile() {
    fs::remove(path_);
    ::setenv("FAKE_NVML_PID", path_.c_str(), 1);
  }
  ~NumberFile() {
    ::unsetenv("FAKE_NVML_PID");
    fs::remove(path_);
  }
  /// The number, as soon as it is there; 0 when it does not come.
  int number() const {
    int number = 0;
    for (int i = 0; i < 500 && number == 0; ++i) {
      std::ifstream(path_) >> number;
      if (number == 0) std::this_thread::sleep_for(10ms);
    }
    return number;
  }

 private:
  std::string path_ = fs::temp_directory_path() / ("fake-nvml-" + std::to_string(::getpid()));
};

/// True when the process has ended, also when nobody has buried it.
bool has_ended(int process) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string number, name, state;
    if (!(status >> number >> name >> state) || state == "Z" || state == "X") return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

/// A file that is no library, removed at the end.
struct TextFile {
  std::string path = fs::temp_directory_path() / ("no-library-" + std::to_string(::getpid()) + ".so.1");
  explicit TextFile(const std::string& text) { std::ofstream(path) << text; }
  ~TextFile() { fs::remove(path); }
};

}  // namespace

TEST_CASE("a card, the driver's version and its newest CUDA come back", "[host][nvml]") {
  const auto answer = ask("");
  CHECK(answer.status == NvmlStatus::ok);
  CHECK(answer.why.empty());
  CHECK(answer.driver == "535.161.07");
  CHECK(answer.cuda == "12.2");
  CHECK(answer.gpus == std::vector{rtx3070()});
}

TEST_CASE("cards of different kinds come in NVML's order", "[host][nvml]") {
  CHECK(ask("two-cards").gpus == std::vector{rtx3070(), gtx1080()});
}

TEST_CASE("a card that is cut into instances says so, and a long PCI domain is kept", "[host][nvml]") {
  const auto answer = ask("h100-mig");
  CHECK(answer.gpus == std::vector{NvmlGpu{"10000:5d:00.0", "10de:2330", "NVIDIA H100 80GB HBM3", "9.0",
                                           85520809984U, true}});
}

TEST_CASE("what init returns says how asking ended", "[host][nvml]") {
  std::map<int, NvmlStatus> apart = {{0, NvmlStatus::ok},
                                     {4, NvmlStatus::no_permission},
                                     {9, NvmlStatus::not_loaded},
                                     {18, NvmlStatus::mismatch}};
  std::vector<int> codes = {77, 999};
  for (int code = 0; code <= 31; ++code) codes.push_back(code);
  for (const int code : codes) {
    CAPTURE(code);
    const auto answer = ask("init=" + std::to_string(code));
    CHECK(answer.status == (apart.count(code) == 1 ? apart[code] : NvmlStatus::failed));
    CHECK(answer.why.empty() == (code == 0));
    CHECK(answer.gpus.empty() == (code != 0));
    CHECK(answer.driver.has_value() == (code == 0));
    CHECK(has(answer.why, "NVML_ERROR_") == (code != 0 && code != 31 && code != 77));
  }
}

TEST_CASE("a code is told by its name, and by the library's words for it", "[host][nvml]") {
  CHECK(ask("init=4").why == "NVML_ERROR_NO_PERMISSION: Insufficient Permissions");
  CHECK(ask("init=9").why == "NVML_ERROR_DRIVER_NOT_LOADED: Driver Not Loaded");
  CHECK(ask("init=18").why == "NVML_ERROR_LIB_RM_VERSION_MISMATCH: Driver/library version mismatch");
  CHECK(ask("init=30").why == "NVML_ERROR_RESET_TYPE_NOT_SUPPORTED: Unknown Error");
  CHECK(ask("init=77").why == "NVML error 77: Unknown Error");
  CHECK(ask("init=999").why == "NVML_ERROR_UNKNOWN");
}

TEST_CASE("a driver that runs without a card is told from a driver that does not run", "[host][nvml]") {
  const auto answer = ask("no-device");
  CHECK(answer.status == NvmlStatus::no_device);
  CHECK_FALSE(answer.why.empty());
  CHECK(answer.driver == "535.161.07");
}

TEST_CASE("a failing count is the answer's end, and the driver is known still", "[host][nvml]") {
  const auto answer = ask("count=4");
  CHECK(answer.status == NvmlStatus::no_permission);
  CHECK(answer.driver == "535.161.07");
  CHECK(answer.gpus.empty());
}

TEST_CASE("a lost card does not hide the other one", "[host][nvml]") {
  CHECK(ask("two-cards,lost=0").gpus == std::vector{gtx1080()});
  CHECK(ask("two-cards,lost=1").gpus == std::vector{rtx3070()});
  const auto alone = ask("lost=0");
  CHECK(alone.status == NvmlStatus::failed);
  CHECK(alone.why == "NVML_ERROR_GPU_IS_LOST: GPU is lost");
}

TEST_CASE("what a card does not tell is unset", "[host][nvml]") {
  const auto answer = ask("bare-card");
  CHECK(answer.status == NvmlStatus::ok);
  CHECK(answer.gpus == std::vector{NvmlGpu{}});
  CHECK(ask("strange-bus").gpus.at(0).pci_address.empty());
}

TEST_CASE("without libcuda there is no CUDA version, least of all a made-up one", "[host][nvml]") {
  CHECK(ask("no-cuda-v2").cuda == std::nullopt);
  CHECK(ask("no-cuda-v2").driver == "535.161.07");
}

TEST_CASE("functions that an old library lacks leave their facts unset", "[host][nvml]") {
  const auto answer = ask("", 20s, old_library);
  CHECK(answer.status == NvmlStatus::ok);
  CHECK(answer.driver == "535.161.07");
  CHECK(answer.cuda == std::nullopt);
  CHECK(answer.gpus == std::vector{NvmlGpu{"", "", rtx3070().name, "8.6", 8589934592U, std::nullopt}});
  CHECK(ask("init=9", 20s, old_library).status == NvmlStatus::not_loaded);
}

TEST_CASE("a name that is no text does no harm", "[host][nvml]") {
  CHECK(ask("garbage-name").gpus.at(0).name == "[31mRTX\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(ask("endless-name").gpus.at(0).name == std::string(96, 'x'));
}

TEST_CASE("a library that is not there, or is none, is said with the loader's words", "[host][nvml]") {
  const auto missing = ask("", 20s, "libmlenv-not-there.so.1");
  CHECK(missing.status == NvmlStatus::no_library);
  CHECK(has(missing.why, "libmlenv-not-there.so.1: cannot open shared object file"));
  const TextFile text("not a library\n");
  const auto other = ask("", 20s, text.path);
  CHECK(other.status == NvmlStatus::no_library);
  CHECK(has(other.why, text.path));
  const auto empty = ask("", 20s, empty_library);
  CHECK(empty.status == NvmlStatus::no_library);
  CHECK(has(empty.why, "nvmlInit"));
}

TEST_CASE("a library that ends the process costs the process alone", "[host][nvml]") {
  const std::map<std::string, std::string> ends = {
      {"crash", "signal 11"}, {"abort", "signal 6"}, {"exit", "exit code"}};
  for (const auto& [behaviour, words] : ends) {
    CAPTURE(behaviour);
    const auto answer = ask(behaviour);
    CHECK(answer.status == NvmlStatus::crashed);
    CHECK(has(answer.why, words));
  }
}

TEST_CASE("exit() in the library runs none of this program's handlers", "[host][nvml]") {
  static const auto here = ::getpid();
  static const std::string trace = fs::temp_directory_path() / ("nvml-exit-" + std::to_string(here));
  std::atexit([] {
    if (::getpid() != here) std::ofstream(trace) << "called";
  });
  CHECK(ask("exit").status == NvmlStatus::crashed);
  CHECK_FALSE(fs::exists(trace));
  fs::remove(trace);
}

TEST_CASE("a library that hangs costs the limit and no more", "[host][nvml]") {
  for (const std::string behaviour : {"hang", "load-hang", "close-hang"}) {
    CAPTURE(behaviour);
    NvmlAnswer answer;
    const double time = seconds_of([&] { answer = ask(behaviour, 500ms); });
    CHECK(answer.status == NvmlStatus::timeout);
    CHECK(answer.why == "NVML did not answer within 0.500 s");
    CHECK(time >= 0.5);
    CHECK(time < 1.5);
    CHECK(no_child_is_left());
  }
}

TEST_CASE("an answer comes as soon as it is there", "[host][nvml]") {
  CHECK(seconds_of([] { ask("", 60s); }) < 10);
  CHECK(seconds_of([] { ask("crash", 60s); }) < 10);
}

TEST_CASE("a library that writes into others' descriptors is no answer", "[host][nvml]") {
  for (const std::string behaviour : {"scribble", "flood", "close"}) {
    CAPTURE(behaviour);
    const auto answer = ask(behaviour);
    CHECK(answer.status == NvmlStatus::crashed);
    CHECK(answer.gpus.empty());
    CHECK(no_child_is_left());
  }
}

TEST_CASE("the process that asks leaves no core and touches nothing of ours", "[host][nvml]") {
  const auto before = ::signal(SIGTERM, SIG_IGN);
  const auto answer = ask("self");
  ::signal(SIGTERM, before);
  CHECK(answer.gpus.at(0).name == "core 1, own group 1, null streams 3, others 0, SIGTERM ignored 0");
}

TEST_CASE("the library can change nothing on the machine", "[host][nvml]") {
  const TextFile file("as it was\n");
  ::chmod(file.path.c_str(), 0444);
  ::setenv("FAKE_NVML_FILE", file.path.c_str(), 1);
  // Each was refused for want of permission: EPERM is 1.
  CHECK(ask("meddle").gpus.at(0).name == "chmod 1, chown 1, unlink 1, mknod 1, exec 1");
  CHECK(fs::is_regular_file(file.path));
  CHECK(fs::status(file.path).permissions() == fs::perms(0444));
}

TEST_CASE("processes that the library has started end with it", "[host][nvml]") {
  const NumberFile file;
  CHECK(ask("straggle,init=9").status == NvmlStatus::not_loaded);
  const int straggler = file.number();
  REQUIRE(straggler > 0);
  CHECK(has_ended(straggler));
}

TEST_CASE("the process that asks ends with the one it asks for", "[host][nvml]") {
  const NumberFile file;
  const auto caller = ::fork();
  if (caller == 0) {
    ask("hang", 60s);
    ::_exit(0);
  }
  const int asker = file.number();
  REQUIRE(asker > 0);
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  CHECK(has_ended(asker));
}

TEST_CASE("asking often leaves no process and no descriptor behind", "[host][nvml]") {
  const auto before = open_descriptors();
  const std::vector<std::string> behaviours = {"", "two-cards", "init=9", "crash", "exit"};
  for (std::size_t i = 0; i < 50; ++i) ask(behaviours[i % behaviours.size()]);
  CHECK(open_descriptors() == before);
  CHECK(no_child_is_left());
}

TEST_CASE("several threads may ask at once", "[host][nvml]") {
  ::setenv("FAKE_NVML", "", 1);
  std::vector<NvmlAnswer> answers(8);
  std::vector<std::thread> threads;
  for (auto& answer : answers) threads.emplace_back([&answer] { answer = ask_nvml(current_library, 20s); });
  for (auto& thread : threads) thread.join();
  for (const auto& answer : answers) CHECK(answer.gpus == std::vector{rtx3070()});
}

TEST_CASE("an answer is read as it was written, and nothing else is one", "[host][nvml]") {
  const NvmlAnswer answer{NvmlStatus::ok, "", "535.161.07", std::nullopt, {rtx3070(), {}}};
  CHECK(nvml_from_line(nvml_to_line(answer)) == answer);
  for (const auto* line : {"", "\n", "[]", "{}", "{\"status\":99,\"why\":\"\",\"gpus\":[]}",
                           "{\"status\":0,\"why\":\"\",\"gpus\":[7]}", "{\"status\":\"0\",\"why\":\"\"}"}) {
    CAPTURE(line);
    CHECK_FALSE(nvml_from_line(line));
  }
}
