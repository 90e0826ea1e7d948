#include "knowledge/resolve.hpp"

#include "base/text.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

Resolution answer(const Question& question) {
  static const Knowledge knowledge;
  return resolve(knowledge, question);
}

/// A question in few words: what is asked, and the cards (ids or capabilities, separated by blanks).
Question ask(const std::string& framework, const std::string& version, const std::string& gpus = {}) {
  Question question;
  question.framework = framework;
  question.version = version;
  for (const auto gpu : split(gpus, ' ')) {
    if (gpu.empty()) continue;
    const auto text = std::string(gpu);
    question.gpus.push_back(gpu.find(':') == std::string::npos ? AskedGpu{{}, text, {}}
                                                               : AskedGpu{text, {}, {}});
  }
  return question;
}

struct Answered {
  const char* framework;
  const char* version;
  const char* gpus;
  const char* python;
  const char* requirement;  ///< of the answer; for a toolkit its version
  const char* min_driver;
};

/// The words that a conflict's alternatives hold.
bool offers(const Resolution& made, const std::string& words) {
  for (const auto& conflict : made.conflicts) {
    for (const auto& each : conflict.alternatives) {
      if (each.find(words) != std::string::npos) return true;
    }
  }
  return false;
}

void check_conflict(const Question& question, const std::string& code, const std::string& way_out) {
  const auto made = answer(question);
  INFO(question.framework + question.version);
  REQUIRE(made.verdict == Verdict::conflict);
  REQUIRE_FALSE(made.conflicts.empty());
  INFO(made.conflicts[0].message + " -> " + join(made.conflicts[0].alternatives, " | "));
  CHECK(made.conflicts[0].code == code);
  CHECK(offers(made, way_out));
}

}  // namespace

TEST_CASE("the newest build that fits is chosen", "[knowledge][resolve]") {
  // Each line is one row of the published tables: previous versions of PyTorch, its build scripts,
  // TensorFlow's tested configurations, CUDA's release notes.
  const Answered all[] = {
      {"torch", "==1.7.1", "10de:2484", "3.8", "torch==1.7.1+cu110", "450.36.06"},
      {"torch", "==1.7.1", "7.0", "", "torch==1.7.1+cu110", "450.36.06"},
      {"torch", "==1.7.1+cu101", "7.5", "", "torch==1.7.1+cu101", "418.39"},
      {"torch", "==1.11.0", "8.6", "3.10", "torch==1.11.0+cu113", "450.80.02"},
      {"torch", "==1.13.1", "8.9", "", "torch==1.13.1+cu117", "450.80.02"},
      {"torch", "==2.0.1", "9.0", "", "torch==2.0.1+cu118", "450.80.02"},
      {"torch", "==2.4.1", "8.6", "3.11", "torch==2.4.1+cu124", "525.60.13"},
      {"torch", "==2.7.0", "10de:2b85", "", "torch==2.7.0+cu128", "525.60.13"},
      {"torch", "==2.7.0", "7.0", "", "torch==2.7.0+cu126", "525.60.13"},
      {"torch", "==2.8.0", "7.0", "", "torch==2.8.0+cu129", "525.60.13"},
      {"torch", "==2.11.0", "6.1", "", "torch==2.11.0+cu126", "525.60.13"},
      {"torch", "==2.9.1", "7.5", "3.10", "torch==2.9.1+cu130", "580.65.06"},
      {"torch", "==2.0.1", "3.7", "", "torch==2.0.1+cu118", "450.80.02"},
      {"tensorflow", "==2.4.0", "8.6", "3.8", "tensorflow==2.4.0", "450.36.06"},
      {"tensorflow", "==2.10.0", "7.5", "", "tensorflow==2.10.0", "450.80.02"},
      {"tensorflow", "==2.15", "8.0", "3.11", "tensorflow[and-cuda]==2.15.0", "525.60.13"},
      {"tensorflow", "==2.16", "8.6", "", "tensorflow[and-cuda]==2.16.1", "525.60.13"},
      {"jax", "==0.4.30", "8.0", "", "jax[cuda12]==0.4.30", "525.60.13"},
      {"jax", "==0.8.0", "7.0", "", "jax[cuda12]==0.8.0", "525.60.13"},
      {"cupy", "==13.6.0", "7.5", "", "cupy-cuda13x==13.6.0", "580"},
      {"cupy", "==13.6.0", "6.1", "", "cupy-cuda12x==13.6.0", "525.60.13"},
      {"cudf", "", "7.0", "", "cudf-cu12==26.2.1", "535"},
      {"cudf", "", "7.5", "", "cudf-cu13==26.2.1", "580"},
      {"dali", "", "5.0", "", "nvidia-dali-cuda120==2.4.0", "525"},
  };
  for (const auto& each : all) {
    auto question = ask(each.framework, each.version, each.gpus);
    if (*each.python != 0) question.pythons = {each.python};
    const auto made = answer(question);
    INFO(std::string(each.framework) + each.version + " on " + each.gpus);
    REQUIRE(made.verdict == Verdict::ok);
    CHECK(made.selection->requirement == each.requirement);
    CHECK(made.selection->min_driver == each.min_driver);
    for (const auto& because : made.because) CHECK_FALSE(because.source.empty());
  }
}

TEST_CASE("the newest toolkit for a card ends where its capability left CUDA", "[knowledge][resolve]") {
  const std::pair<const char*, const char*> newest[] = {{"3.0", "10.2"}, {"3.5", "11.8"}, {"3.7", "11.8"},
                                                        {"5.0", "12.9"}, {"6.1", "12.9"}, {"7.0", "12.9"},
                                                        {"7.5", "13.4"}, {"12.0", "13.4"}};
  for (const auto& [card, cuda] : newest) {
    INFO(card);
    const auto made = answer(ask("", "", card));
    REQUIRE(made.selection);
    CHECK(made.selection->cuda == cuda);
  }
}

TEST_CASE("a card's branch of the driver and its kernel modules follow from its chip",
          "[knowledge][resolve]") {
  const Answered all[] = {{"", "", "3.5", "", "470", "proprietary"},
                          {"", "", "10de:139a", "", "580", "proprietary"},
                          {"", "", "7.0", "", "580", "proprietary"}};
  for (const auto& each : all) {
    const auto made = answer(ask("", "", each.gpus));
    INFO(each.gpus);
    REQUIRE(made.selection);
    CHECK(made.selection->driver_branch == each.requirement);
    CHECK(made.selection->driver_flavour == each.min_driver);
  }
  CHECK(answer(ask("", "", "10de:2b85")).selection->driver_flavour == "open");
}

TEST_CASE("a wheel without code for the card is refused with the builds that have it",
          "[knowledge][resolve]") {
  auto volta = ask("torch", "", "10de:1db4");
  volta.cuda = "13.0";
  check_conflict(volta, "resolve.gpu", "+cu126");
  check_conflict(volta, "resolve.gpu", "+cu128");
  auto pypi = ask("torch", "==1.7.1", "8.6");
  pypi.cuda = "10.2";
  check_conflict(pypi, "resolve.gpu", "torch==1.7.1+cu110");
  check_conflict(ask("torch", "==2.3.0", "12.0"), "resolve.gpu", "torch==2.7.0+cu128");
  check_conflict(ask("torch", "", "3.5"), "resolve.gpu", "+cpu");
  check_conflict(ask("cudf", "", "6.1"), "resolve.gpu", "compute capability");
}

TEST_CASE("a Python without a wheel is refused with the Python that has one", "[knowledge][resolve]") {
  auto question = ask("torch", "==1.7.1");
  question.pythons = {"3.10.12"};
  check_conflict(question, "resolve.python", "Python 3.9");
  check_conflict(question, "resolve.python", "torch==1.11.0");
  question.pythons.emplace_back("3.8.10");
  CHECK(answer(question).verdict == Verdict::ok);
}

TEST_CASE("an old driver chooses an older CUDA, or is said to be too old", "[knowledge][resolve]") {
  auto question = ask("torch", "==2.4.1", "8.6");
  question.driver = "470.57.02";
  CHECK(answer(question).selection->requirement == "torch==2.4.1+cu118");
  question.cuda = "12.1";
  check_conflict(question, "resolve.driver", "525.60.13 or newer");
  auto kepler = ask("", "", "3.5");
  kepler.driver = "535.129.03";
  check_conflict(kepler, "resolve.driver", "driver branch 470");
}

TEST_CASE("a mixed rig satisfies all its cards, or says which one is left out", "[knowledge][resolve]") {
  const auto both = answer(ask("torch", "==2.4.1", "7.0 9.0"));
  REQUIRE(both.selection);
  CHECK(both.selection->driver_branch == "580");
  // No kernel module drives Volta and Blackwell.
  check_conflict(ask("torch", "", "7.0 12.0"), "resolve.driver", "leave out a card (7.0)");
}

TEST_CASE("beyond the tables nothing is guessed", "[knowledge][resolve]") {
  auto newer_cuda = ask("", "");
  newer_cuda.cuda = "14.0";
  auto never_released = ask("", "");
  never_released.cuda = "12.7";
  for (const auto& question : {ask("torch", "==9.0"), newer_cuda, never_released,
                               ask("torch", "", "10de:ffff"), ask("tensorflow", "==2.21", "12.0")}) {
    const auto made = answer(question);
    INFO(question.framework + question.version);
    CHECK(made.verdict == Verdict::unknown);
    CHECK_FALSE(made.selection);
    CHECK(offers(made, "--knowledge"));
  }
}

TEST_CASE("a repository that does not hold the toolkit is named, with the systems whose do",
          "[knowledge][resolve]") {
  auto question = ask("", "");
  question.os = "debian 12";
  question.cuda = "11.8";
  check_conflict(question, "resolve.os", "CUDA 13");
  question.cuda = "12.4";
  CHECK(answer(question).selection->repository == "debian12");
}

TEST_CASE("builds for the CPU are taken only where there is no card", "[knowledge][resolve]") {
  auto question = ask("torch", "==2.4.1");
  CHECK(answer(question).selection->accelerator == "cu124");
  question.no_gpu = true;
  const auto made = answer(question);
  CHECK(made.selection->requirement == "torch==2.4.1+cpu");
  CHECK(made.selection->min_driver.empty());
  CHECK(made.selection->index == "https://download.pytorch.org/whl/cpu");
}
