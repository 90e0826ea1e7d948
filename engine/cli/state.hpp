#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apply/journal.hpp"
#include "base/result.hpp"
#include "host/append_file.hpp"
#include "host/writer.hpp"

namespace mlenv {

/// The text of a file of the person at the command line (a recipe, a record, a saved plan), at most 32 MiB.
Result<std::string> read_own_file(const std::string& path);
/// Writes such a file with mode 0600, atomically.
Result<Done> write_own_file(const std::string& path, const std::string& text);
/// Writes a file that goes into a repository, readable by all, atomically.
Result<Done> write_shared_file(const std::string& path, const std::string& text);
/// A path as given on the command line, made absolute against the working folder.
std::string own_path(const std::string& path);

/// A past run, as `history` lists it.
struct PastRun {
  std::string id;
  std::string log;  ///< path of its journal
  nlohmann::ordered_json summary;
};

/// mlenvctl's own folder: the plan saved last and the journals of runs. `/var/lib/mlenvctl` for root,
/// else below XDG_STATE_HOME or ~/.local/state; a tree under --root has its own part.
class StateFolder {
 public:
  explicit StateFolder(const std::string& root);

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  Result<Done> save_plan(const nlohmann::ordered_json& saved) const;
  Result<nlohmann::ordered_json> saved_plan() const;
  /// A plan is good for one run: remembers it by its nonce.
  Result<Done> mark_used(const std::string& nonce) const;
  bool is_used(const std::string& nonce) const;
  Result<Journal> journal(const std::string& run_id) const;
  std::string journal_path(const std::string& run_id) const { return path("runs/" + run_id + ".jsonl"); }
  /// Keeps what a run was asked for, its plan in it, beside its journal.
  Result<Done> keep_plan(const std::string& run_id, const nlohmann::ordered_json& plan) const;
  /// Removes what a run that was killed had not yet put in place here.
  void drop_leftovers(const std::string& run_id) const;
  /// That saved plan; null where none was kept.
  nlohmann::ordered_json request_of_run(const std::string& run_id) const;
  /// The plan alone; null where none was kept.
  nlohmann::ordered_json plan_of_run(const std::string& run_id) const;
  /// Newest first.
  std::vector<PastRun> runs() const;
  /// The id of the newest run; empty where there was none.
  std::string newest_run() const;

 private:
  Result<Done> make(const std::string& name) const;
  std::string folder_;
};

}  // namespace mlenv
