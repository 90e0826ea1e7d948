#include "kinds/host_question.hpp"

#include "base/text.hpp"

namespace mlenv {
namespace {

void ask_for_cards(const Facts& facts, Question& question) {
  if (facts.overrides.arch) {
    for (const auto each : split(*facts.overrides.arch, ','))
      question.gpus.push_back({{}, std::string(trim(each)), {}});
    return;
  }
  if (facts.overrides.cuda && facts.overrides.cuda->empty()) {
    question.no_gpu = true;
    return;
  }
  if (std::holds_alternative<Absent>(facts.gpus)) question.no_gpu = true;
  const auto* gpus = known(facts.gpus);
  if (gpus == nullptr) return;
  question.no_gpu = gpus->empty();
  for (const auto& gpu : *gpus)
    question.gpus.push_back({gpu.pci_id, gpu.compute_capability.value_or(""), gpu.name.value_or("")});
}

void ask_for_driver(const Facts& facts, const Knowledge& knowledge, Question& question) {
  if (facts.overrides.driver) {
    question.driver = facts.overrides.driver;
    return;
  }
  if (facts.overrides.cuda && !facts.overrides.cuda->empty()) {
    if (const Row* branch = knowledge.find("driver_branches", "cuda", *facts.overrides.cuda))
      question.driver = branch->text("branch");
    return;
  }
  if (std::holds_alternative<Absent>(facts.driver)) question.driver = "";
  const auto* driver = known(facts.driver);
  if (driver == nullptr) return;
  // What is installed counts: a module of an older version goes with the next boot.
  if (driver->userspace || driver->loaded)
    question.driver = driver->userspace ? *driver->userspace : *driver->loaded;
}

}  // namespace

Question host_question(const Facts& facts, const Knowledge& knowledge) {
  Question question;
  ask_for_cards(facts, question);
  ask_for_driver(facts, knowledge, question);
  for (const auto& python : facts.pythons) question.pythons.push_back(python.version);
  const auto* os = known(facts.os);
  const auto* virt = known(facts.virt);
  if (virt != nullptr && *virt == "wsl2") {
    question.os = "wsl2";
  } else if (os != nullptr && !os->version_id.empty()) {
    question.os = os->id + " " + os->version_id;
  }
  if (!facts.arch.empty()) question.arch = facts.arch;
  return question;
}

}  // namespace mlenv
