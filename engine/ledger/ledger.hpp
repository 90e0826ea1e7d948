#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "host/writer.hpp"
#include "ledger/effect.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// What mlenvctl has brought to a host, by resource: one file for each step that brought something, below
/// /var/lib/mlenvctl/ledger for the system and below the user's ~/.local/state/mlenvctl/ledger for what is
/// the user's. A step's file is written before the step begins, so that nothing is made that the ledger does
/// not know; what then does not come is taken out again. It is no state that plans are made from: it says
/// only what may be removed.
class Ledger {
 public:
  /// Nothing is read or written yet. Reader and writer must live as long.
  Ledger(const HostReader& reader, HostWriter& writer, const User& user);

  /// Reads both parts. What is in the user's part and only root can have made is passed over. Errors:
  /// `host.denied` where this account may not read the system's; the user's is read all the same.
  Result<Done> load();
  /// Oldest first.
  std::vector<LedgerEntry> entries() const;

  /// Writes down what a step is about to bring; the bytes of files that it replaces are kept. `name` is of
  /// the step, such as RUN-3.
  Result<Done> claim(const std::string& name, std::vector<LedgerEntry> entries);
  /// Takes out of a step's file what has not come, and completes what could only be known afterwards.
  void settle(const std::string& name);
  /// Likewise for all steps of a run that was killed; what it had not yet put in place goes. False when
  /// something of that stays.
  bool settle_run(const std::string& run_id);
  /// Takes a resource out: it is removed.
  Result<Done> forget(const std::string& address);

  /// The bytes that stood where mlenvctl has put a file; nothing when they are not kept.
  std::optional<std::string> former_bytes(const Effect& effect) const;
  /// Where those bytes are.
  std::string former_path(const Effect& effect) const;
  /// The effect of that key, newest bytes and oldest former; nothing when the ledger has none.
  std::optional<Effect> find(const Effect& like) const;

 private:
  struct StepFile {
    std::string name;
    Privilege privilege = Privilege::root;
    std::uint64_t turn = 0;  ///< rises with each step; clocks and names do not
    std::vector<LedgerEntry> entries;
  };
  std::string folder(Privilege privilege) const;
  Result<Done> load_part(Privilege privilege);
  Result<Done> save(const StepFile& file);
  Result<Done> keep_former(Effect& effect);
  bool has_come(Effect& effect, const ProbeScope& scope) const;
  void drop_former(const Effect& effect);
  void settle(StepFile& file);
  bool drop_leftovers(const Effect& effect);
  bool drop_own_leftovers(const std::string& run_id);

  const HostReader& reader_;
  HostWriter& writer_;
  const User user_;
  std::vector<StepFile> files_;
};

/// The effects of one resource in all its entries as one list: the newest bytes, the oldest former files.
std::vector<Effect> merged_effects(const std::vector<LedgerEntry>& entries, const std::string& address);

}  // namespace mlenv
