#include "lock/lock.hpp"

#include "lock/difference.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

LockedWheel wheel(const std::string& name, const std::string& version, const std::string& by,
                  const std::string& digest = "aa") {
  LockedWheel locked;
  locked.wheel = {name, version, name + "-" + version + "-py3-none-any.whl", {}, digest};
  locked.by = by;
  return locked;
}

LockedClass with_card() {
  LockedClass locked;
  locked.host = {"ubuntu 20.04", "x86_64", "8.6"};
  locked.driver = "535";
  locked.choices = {{"cuda_toolkit.auto", {{"", "11.0"}}}, {"framework.torch", {{"version", "1.7.1"}}}};
  locked.keys = {{"cuda_repo.ubuntu2004", {"EB693B3035CD5710E231E123A4B469963BF863CC"}}};
  locked.indexes = {{"mirror_Release", "bb"}};
  locked.debs = {{"cuda-toolkit-11-0", "11.0.3-1", "NVIDIA", true}, {"libnpp", "11.1", "NVIDIA", false}};
  locked.environments = {
      {"torch",
       "3.8",
       {wheel("torch", "1.7.1+cu110", "pip_package.torch/torch"),
        wheel("typing-extensions", "3.7.4", "pip_package.torch/torch"), wheel("pip", "20.3", "venv.torch")}}};
  return locked;
}

Lock lock_of(std::vector<LockedClass> classes) {
  Lock lock{"lab", {}};
  for (auto& each : classes) lock.put(std::move(each));
  return lock;
}

}  // namespace

TEST_CASE("a lock is read as it was written, a package to a line", "[lock]") {
  auto without = with_card();
  without.host = {"debian 12", "x86_64", "none"};
  const auto lock = lock_of({with_card(), without});
  const auto text = lock_text(lock);
  const auto read = read_lock(text);
  REQUIRE(read);
  CHECK(*read == lock);
  CHECK(read->classes.front().host.os == "debian 12");
  CHECK(text.find("\n        {\"name\":\"libnpp\",\"version\":\"11.1\",\"origin\":\"NVIDIA\"}\n") !=
        std::string::npos);
}

TEST_CASE("what is no lock, or one of a later format, is told from a lock", "[lock]") {
  for (const auto* text : {"", "[]", "{}", "{\"format\":\"mlenvctl.plan/1\"}",
                           "{\"format\":\"mlenvctl.lock/1\",\"recipe\":\"r\",\"classes\":[{}]}",
                           "{\"format\":\"mlenvctl.lock/1\",\"recipe\":\"r\",\"classes\":7}"}) {
    CAPTURE(text);
    const auto read = read_lock(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "lock.format");
  }
  const auto later = read_lock("{\"format\":\"mlenvctl.lock/2\"}");
  REQUIRE_FALSE(later);
  CHECK(later.error().hint == "take a later mlenvctl");
}

TEST_CASE("a class takes the place of the one that was there", "[lock]") {
  auto lock = lock_of({with_card()});
  auto moved = with_card();
  moved.driver = "550";
  lock.put(moved);
  REQUIRE(lock.classes.size() == 1);
  CHECK(lock.find(moved.host)->driver == "550");
  CHECK(lock.find({"ubuntu 20.04", "x86_64", "none"}) == nullptr);
}

TEST_CASE("what is declared is pinned by its own address, what comes along by that of what brings it",
          "[lock]") {
  const auto pins = pins_of(with_card(), "r.yaml.lock");
  CHECK(pins.versions == std::map<std::string, std::string>{{"apt_package.cuda-toolkit-11-0", "11.0.3-1"},
                                                            {"pip_package.torch/torch", "1.7.1+cu110"}});
  CHECK(pins.along.at("pip_package.torch/torch") == std::vector<std::string>{"typing-extensions==3.7.4"});
  CHECK(pins.debs.at("libnpp") == "11.1");
  CHECK(pins.fields.at("venv.torch").at("python") == "==3.8.*");
  CHECK(pins.fields.at("venv.torch").at("pip") == "==20.3");
  CHECK(pins.fields.at("cuda_toolkit.auto").at("") == "11.0");
}

TEST_CASE("the class of a host says its distribution, its architecture and its cards once each", "[lock]") {
  Facts facts;
  facts.os = Os{"ubuntu", "20.04", "focal", "Ubuntu"};
  facts.arch = "x86_64";
  facts.gpus = std::vector<Gpu>{{"a", "10de:1", {}, {}, "8.6", {}, "pci"},
                                {"b", "10de:2", {}, {}, "7.5", {}, "pci"},
                                {"c", "10de:1", {}, {}, "8.6", {}, "pci"}};
  CHECK(class_of(facts)->str() == "ubuntu 20.04, x86_64, gpu 7.5 8.6");
  facts.gpus = Absent{};
  CHECK(class_of(facts)->str() == "ubuntu 20.04, x86_64, no gpu");
  facts.gpus = Unknown{"no /sys"};
  CHECK(class_of(facts).error().code == "lock.class");
}

TEST_CASE("moves tell what was and what is; digests only where versions are equal", "[lock]") {
  const auto before = lock_of({with_card()});
  auto moved = with_card();
  moved.debs[0].version = "11.0.4-1";
  moved.indexes[0].sha256 = "cc";
  moved.environments[0].wheels[0] = wheel("torch", "1.8.0", "pip_package.torch/torch");
  moved.environments[0].wheels[1].wheel.sha256 = "dd";
  moved.environments[0].wheels.pop_back();
  const auto moves = lock_moves(before, lock_of({moved}));
  const std::string host = "ubuntu 20.04, x86_64, gpu 8.6";
  CHECK(moves == std::vector<LockMove>{
                     {host, "apt", "cuda-toolkit-11-0", "11.0.3-1", "11.0.4-1"},
                     {host, "venv torch", "torch", "1.7.1+cu110", "1.8.0"},
                     {host, "venv torch", "typing-extensions", "3.7.4 (sha256 aa)", "3.7.4 (sha256 dd)"},
                     {host, "venv torch", "pip", "20.3", ""},
                 });
  CHECK(lock_moves(before, before).empty());
}
