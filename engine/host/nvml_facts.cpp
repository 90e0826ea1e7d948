#include "host/nvml_facts.hpp"

#include <algorithm>

namespace mlenv {
namespace {

/// The status that NVML's end stands for; nothing where the files know better.
std::optional<std::string> status_of(const NvmlAnswer& answer, const Driver& driver) {
  switch (answer.status) {
    case NvmlStatus::ok:
      return "ok";
    case NvmlStatus::mismatch:
      return "mismatch";
    case NvmlStatus::no_permission:
      return "no-permission";
    case NvmlStatus::no_device:
      return "no-device";
    case NvmlStatus::failed:
    case NvmlStatus::crashed:
    case NvmlStatus::timeout:
      return "failing";
    case NvmlStatus::no_library:
      return driver.userspace ? std::nullopt : std::optional<std::string>("no-library");
    case NvmlStatus::not_loaded:
      // Said too where the module is loaded and its device files are not there.
      return driver.loaded ? "failing" : "not-loaded";
  }
  return std::nullopt;
}

void add_card(std::vector<Gpu>& cards, const NvmlGpu& said) {
  auto card = std::find_if(cards.begin(), cards.end(),
                           [&](const Gpu& each) { return each.pci_address == said.pci_address; });
  if (card == cards.end()) {
    cards.emplace_back();
    card = std::prev(cards.end());
    card->pci_address = said.pci_address;
    card->pci_id = said.pci_id;
  }
  card->source = "nvml";
  if (said.name) card->name = said.name;
  if (said.compute_capability) card->compute_capability = said.compute_capability;
  if (said.memory_bytes) card->memory_bytes = said.memory_bytes;
  if (said.mig) card->mig = said.mig;
}

}  // namespace

void add_nvml(Facts& facts, const NvmlAnswer& answer) {
  const auto* before = known(facts.driver);
  if (before == nullptr && answer.status == NvmlStatus::no_library) return;
  auto driver = before == nullptr ? Driver{} : *before;
  if (const auto status = status_of(answer, driver)) {
    driver.status = status;
    driver.why = answer.status == NvmlStatus::mismatch && !driver.why.empty() ? driver.why : answer.why;
  }
  if (answer.driver && !driver.userspace) driver.userspace = answer.driver;
  if (answer.cuda) driver.cuda = answer.cuda;
  facts.driver = driver;
  if (answer.gpus.empty()) return;
  auto cards = known(facts.gpus) == nullptr ? std::vector<Gpu>() : *known(facts.gpus);
  for (const auto& said : answer.gpus) add_card(cards, said);
  facts.gpus = std::move(cards);
}

}  // namespace mlenv
