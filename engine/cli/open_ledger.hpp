#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "cli/open_host.hpp"
#include "host/sudo.hpp"
#include "ledger/ledger.hpp"
#include "plan/graph.hpp"

namespace mlenv {

/// The ledger of a host, with what it reads and writes by.
struct OpenLedger {
  std::unique_ptr<HostWriter> writer;
  std::unique_ptr<HostReader> behind_sudo;  ///< where the system's part is read through sudo
  std::unique_ptr<Ledger> ledger;
  Result<Done> loaded = Done{};                     ///< why a part could not be read
  std::optional<SudoTicket> ticket = std::nullopt;  ///< by which it is read
};

/// Reads it. `sudo` says that what is root's is read and written through it. The host must live as long.
std::shared_ptr<OpenLedger> open_ledger(const OpenHost& host, bool sudo);

/// Reads it, the system's part through sudo where this account may not read it and sudo lets it.
std::shared_ptr<OpenLedger> open_whole_ledger(const OpenHost& host, bool may_ask);

/// Takes those of the addresses out of the ledger of which nothing is left that could be removed.
void forget_removed(Ledger& ledger, const Graph& graph, const std::set<std::string>& addresses,
                    const OpenHost& host);

}  // namespace mlenv
