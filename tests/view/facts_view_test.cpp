#include "view/facts_view.hpp"

#include "golden.hpp"
#include "host/facts_json.hpp"
#include "view/plan_document.hpp"

using namespace mlenv;

namespace {

Facts known_facts() {
  Facts facts;
  facts.os = Os{"ubuntu", "20.04", "focal", "Ubuntu 20.04.6 LTS"};
  facts.arch = "x86_64";
  facts.kernel = std::string("5.4.0-42-generic");
  facts.virt = std::string("metal");
  facts.hostname = "ws1";
  facts.gpus = std::vector<Gpu>{{"0000:01:00.0", "10de:2484", "GeForce RTX 3070", "Ampere", "8.6",
                                 std::uint64_t{8589934592}, "recorded"},
                                {"0000:02:00.0", "10de:ffff", {}, {}, {}, {}, "pci"}};
  facts.driver = Driver{"470.82.01", "470.82.01", "11.4", "proprietary", "ok"};
  facts.cuda_toolkits = std::vector<CudaToolkit>{{"11.0", "/usr/local/cuda-11.0"}};
  facts.pythons = {{"/usr/bin/python3", "3.8.10"}, {"/usr/bin/python3.9", "3.9"}};
  facts.secure_boot = true;
  facts.nouveau_loaded = false;
  facts.user = {"student", "/home/student", "/bin/bash", 1000, 1000};
  return facts;
}

}  // namespace

TEST_CASE("known facts are shown in both forms", "[view][facts]") {
  check_golden("facts.json", dump(facts_document(known_facts())));
  check_golden("facts.txt", facts_text(known_facts(), {}));
}

TEST_CASE("what could not be read is null, and the text says why", "[view][facts]") {
  Facts facts;
  facts.gpus = Unknown{"/sys is not mounted"};
  facts.driver = Absent{};
  facts.cuda_toolkits = Absent{};
  facts.user = {"root", "/root", "", 0, 0};
  check_golden("facts-unknown.json", dump(facts_document(facts)));
  check_golden("facts-unknown.txt", facts_text(facts, {}));
}

TEST_CASE("the facts' document can be read back as a recorded host", "[view][facts]") {
  const auto facts = known_facts();
  auto read = facts_from_json(facts_document(facts));
  CHECK(read.os == facts.os);
  CHECK(read.gpus == facts.gpus);
  CHECK(read.driver == facts.driver);
  CHECK(read.cuda_toolkits == facts.cuda_toolkits);
  CHECK(read.pythons == facts.pythons);
  CHECK(read.secure_boot == facts.secure_boot);
}
