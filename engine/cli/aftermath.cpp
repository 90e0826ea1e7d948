#include "cli/aftermath.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "cli/look_ahead.hpp"
#include "cli/open_ledger.hpp"
#include "cli/screen.hpp"
#include "host/survivors.hpp"

namespace mlenv {
namespace {

/// Where steps of root's keep things for their own time alone.
std::vector<std::string> passing_places(const HostReader& reader) {
  std::vector<std::string> places;
  if (exists(reader, "/var/lib/apt/mlenvctl-index")) places.emplace_back("/var/lib/apt/mlenvctl-index");
  const auto entries = reader.list("/run");
  if (!entries) return places;
  for (const auto& entry : *entries) {
    if (entry.name.starts_with("mlenvctl-apt-")) places.push_back("/run/" + entry.name);
  }
  return places;
}

Error not_done(const Survivor& survivor) {
  return {"run.survivors",
          "`" + survivor.command + "` (process " + std::to_string(survivor.process) +
              "), which the last run has begun, does not come to its end",
          "look what keeps it, end it, then run this again"};
}

}  // namespace

bool outlast_survivors(const StateFolder& state, const Arguments& arguments) {
  constexpr std::chrono::milliseconds pause{200};
  constexpr std::chrono::minutes patience{10};
  const auto run = run_cut_short(state);
  if (!run) return true;
  std::set<int> told;
  for (std::chrono::milliseconds waited{0};; waited += pause) {
    const auto left = survivors_of(run->id, run->session);
    if (left.empty()) return true;
    for (const auto& each : left) {
      if (told.insert(each.process).second)
        spdlog::warn("`{}` (process {}), which the last run has begun, is still at work; waiting for its end",
                     mask_credentials(each.command), each.process);
    }
    if (waited >= patience) return print_error(not_done(left.front()), arguments), false;
    std::this_thread::sleep_for(pause);
  }
}

bool tidy_after(const CutShortRun& run, const StateFolder& state, Ledger& ledger, const HostReader& reader,
                HostWriter& writer) {
  state.drop_leftovers(run.id);
  bool gone = ledger.settle_run(run.id);
  for (const auto& place : passing_places(reader)) {
    if (!writer.remove(place, Depth::tree, Privilege::root)) gone = false;
  }
  return gone;
}

void close_run_cut_short(const OpenHost& host) {
  const StateFolder state(host.root);
  const auto run = run_cut_short(state);
  if (!run) return;
  const auto open = open_ledger(host, false);
  if (!tidy_after(*run, state, *open->ledger, *host.reader, *open->writer)) return;
  auto journal = state.journal(run->id);
  if (!journal) return;
  const auto now = std::chrono::system_clock::now();
  static_cast<void>(journal->add({{"event", "run_closed"}, {"at", time_text(now)}}, true));
}

}  // namespace mlenv
