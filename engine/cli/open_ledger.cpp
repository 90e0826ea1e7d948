#include "cli/open_ledger.hpp"

#include <spdlog/spdlog.h>

#include "cli/look_ahead.hpp"
#include "host/local_host.hpp"
#include "plan/make_plan.hpp"

namespace mlenv {

std::shared_ptr<OpenLedger> open_ledger(const OpenHost& host, bool sudo) {
  auto open = std::make_shared<OpenLedger>();
  open->writer = writer_for(host);
  if (sudo) open->behind_sudo = reader_behind_sudo(*host.reader, host.root);
  const auto& reader = sudo ? *open->behind_sudo : *host.reader;
  open->ledger = std::make_unique<Ledger>(reader, *open->writer, host.facts.user);
  open->loaded = open->ledger->load();
  return open;
}

std::shared_ptr<OpenLedger> open_whole_ledger(const OpenHost& host, bool may_ask) {
  auto open = open_ledger(host, false);
  if (open->loaded || is_root()) return open;
  auto ticket =
      open_sudo(may_ask,
                "What mlenvctl has made for the system is root's to read (/var/lib/mlenvctl), and is "
                "asked for through sudo.\n");
  if (!ticket) return open;
  open = open_ledger(host, true);
  open->ticket = std::move(*ticket);
  return open;
}

void forget_removed(Ledger& ledger, const Graph& graph, const std::set<std::string>& addresses,
                    const OpenHost& host) {
  ProbeCache cache;
  for (std::size_t i = 0; i < graph.resources.size(); ++i) {
    const auto address = graph.resources[i].address.str();
    if (addresses.count(address) == 0) continue;
    const auto decision = decide_again(graph, i, host.facts, *host.reader, cache);
    // What stays because of others is still what mlenvctl has made.
    if (decision.action != Action::none || !decision.findings.empty()) continue;
    const auto forgotten = ledger.forget(address);
    if (!forgotten) spdlog::warn("the ledger still has {}: {}", address, forgotten.error().message);
  }
}

}  // namespace mlenv
