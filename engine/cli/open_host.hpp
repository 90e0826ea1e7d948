#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/diagnostic.hpp"
#include "cli/arguments.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "knowledge/knowledge.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// Who was at work last on the parts of a host that a run may change, in their own words.
struct LastHolders {
  std::string system, user;
};

/// The host that a command is about, probed: this machine, a tree (--root), or a record (--host).
struct OpenHost {
  std::unique_ptr<HostReader> direct;  ///< where `reader` reads through sudo what this one may not
  std::unique_ptr<HostReader> reader;
  Facts facts;
  std::string root = "/";
  bool recorded = false;
  std::vector<std::string> recorded_venvs;  ///< the folders that a record knows as venvs
  std::vector<std::string> recorded_files;  ///< declared files whose content a record has
  bool tree = false;                        ///< a system tree that nobody runs, or the record of one
  Environment environment;                  ///< of this process
  std::shared_ptr<const Knowledge> knowledge;
  LastHolders before;  ///< read before anything else is
};

/// Reports `host.no-root`, `host.no-user`, `host.record` and returns nothing when there is no such host.
std::optional<OpenHost> open_host(const Arguments& arguments, Diagnostics& diagnostics);

/// Asks the driver itself for what no file tells: memory, MIG, why it fails. Takes up to some seconds where
/// it hangs; does nothing for trees, records and machines without a driver.
void ask_driver(OpenHost& host);

/// The facts of an open host as they are now, names and compute capabilities of the GPUs included.
Result<Facts> facts_now(const HostReader& reader, const std::string& user, const Knowledge& knowledge);

/// A fact by its dotted path (`os.id`, `gpu.name`, `gpus.0.name`); nothing when it is not known.
std::optional<std::string> fact_text(const Facts& facts, const std::string& path);

/// The host's part of a plan.
PlanHost plan_host(const OpenHost& host);

}  // namespace mlenv
