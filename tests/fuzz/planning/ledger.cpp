#include "ledger/ledger.hpp"

#include <set>

#include "fuzz/fuzz.hpp"
#include "fuzz/host_files.hpp"
#include "fuzz/planning/memory_writer.hpp"
#include "ledger/removal.hpp"
#include "plan/make_plan.hpp"
#include "view/plan_document.hpp"

namespace mlenv::fuzz {
namespace {

constexpr const char* user_part = "/home/student/.local/state/mlenvctl/ledger/";
const User student = {"student", "/home/student", "/bin/bash", 1000, 1000};

/// Whether a step of a removal touches only what belongs to the user.
bool is_for_user(const Step& step) { return step_privilege(step) == Privilege::user; }

}  // namespace

/// The user's part of the ledger, which the user may have written: it makes root do nothing.
void ledger(std::string_view input) {
  auto files = files_in(input);
  files[user_part + std::string("a-1.json")] = owned_file(parts(input)[0]);
  MemoryWriter writer(files);
  const auto reader = recorded_reader(files);
  Ledger ledger(*reader, writer, student);
  if (!ledger.load()) return;
  std::set<std::string> addresses;
  for (const auto& entry : ledger.entries()) {
    for (const auto& effect : entry.made) {
      ledger.former_bytes(effect);
      hold(effect.privilege == Privilege::user, "a user's ledger holds what is the user's");
    }
    addresses.insert(entry.address);
  }
  Facts facts;
  facts.user = student;
  ProbeCache cache;
  const auto graph = removal_graph(ledger, {}, {*reader, facts, cache});
  const auto plan = make_plan(graph, facts, *reader, {});
  for (const auto& step : plan.steps) hold(is_for_user(step.step), "a user's ledger makes root do nothing");
  dump(plan_document(plan));
  ledger.settle_run("a");
  for (const auto& address : addresses) hold(ledger.forget(address).ok(), "what is removed can be forgotten");
  for (const auto& entry : ledger.entries()) hold(addresses.count(entry.address) == 0, "it is forgotten");
}

}  // namespace mlenv::fuzz
