#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "export/shell_part.hpp"
#include "host/reader.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// In which manner statements are written.
struct Manner {
  bool layers = false;  ///< each step becomes a layer of an image, that leaves no caches behind
  bool again = false;   ///< they may find what they have made before
};

/// Writes steps as commands of a POSIX shell that stop at the first that fails (`set -eu`), in the order in
/// which they are to run.
class StepStatements {
 public:
  StepStatements(const HostReader& host, const User& user, Manner manner)
      : host_(host), user_(user), manner_(manner) {}

  /// Errors: those of reading what the host is declared to have.
  Result<ShellPart> part_of(const Step& step);

 private:
  using Statements = Result<std::vector<Statement>>;
  Statements of(const WriteFile& step);
  Statements of(const MakeDirectory& step);
  Statements of(const RemovePath& step);
  Statements of(const MovePath& step);
  Statements of(const EditBlock& step);
  Statements of(const AddRepository& step);
  Statements of(const UpdateIndex& step);
  Statements of(const AptTransaction& step);
  Statements of(const RpmTransaction& step);
  Statements of(const MakeVenv& step);
  Statements of(const PipInstall& step);
  Statements of(const PipUninstall& step);
  Statements of(const ControlUnit& step);
  Statements of(const SetMembership& step);
  Statements of(const RunCheck& step);
  Statements of(const FetchPackages& step);
  Statements of(const FetchWheels& step);

  std::vector<Statement> folder_above(const std::string& path);
  void note_latest(const PipInstall& step, std::vector<Statement>& made);
  std::vector<std::string> kept(const PipInstall& step) const;

  const HostReader& host_;
  const User& user_;
  Manner manner_;
  bool index_fresh_ = false;
  std::set<std::string> folders_;  ///< that the statements have made
  std::map<std::string, std::optional<std::string>>
      texts_;                                               ///< of edited files, as the statements leave them
  std::map<std::string, std::set<std::string>> installed_;  ///< canonical names, by environment
};

/// The statements by which an apt repository comes: its key, compared by full fingerprint, then its files.
std::vector<Statement> repository_statements(const AddRepository& step);
/// apt's call with the newest versions that satisfy comparisons, and the holds around it.
std::vector<Statement> transaction_statements(const AptTransaction& step, Manner manner, bool update);

}  // namespace mlenv
