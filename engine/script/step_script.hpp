#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "resource/step.hpp"
#include "resource/venv_files.hpp"
#include "script/root_script.hpp"

namespace mlenv {

/// Writes steps of root's as shell text, in the order in which they are to run.
class StepScript {
 public:
  explicit StepScript(const ScriptRequest& request) : request_(request) {}

  Result<std::string> text_of(const Step& step);
  /// What must be so before anything is changed: each file is as the plan has seen it, or as the script
  /// leaves it.
  std::string checks() const;
  /// True once an address with a user name and password in it was written.
  bool holds_credentials() const { return credentials_; }

 private:
  using Text = Result<std::string>;
  Text text(const WriteFile& step);
  Text text(const MakeDirectory& step);
  Text text(const RemovePath& step);
  Text text(const MovePath& step);
  Text text(const EditBlock& step);
  Text text(const AddRepository& step);
  Text text(const UpdateIndex& step);
  Text text(const AptTransaction& step);
  Text text(const RpmTransaction& step);
  Text text(const MakeVenv& step);
  Text text(const PipInstall& step);
  Text text(const PipUninstall& step);
  Text text(const RunCheck& step);
  Text text(const ControlUnit& step);
  Text text(const SetMembership& step);
  Text text(const FetchPackages& step);
  Text text(const FetchWheels& step);

  Result<std::optional<std::string>> content(const std::string& path);
  void note(const std::string& path, const std::optional<std::string>& wanted);
  Text file(const std::string& path, const std::string& content, const std::string& mode,
            const std::string& owner);
  Text marker(const std::string& prefix, const std::vector<std::string>& latest,
              const std::vector<Wheel>& expected);

  const ScriptRequest& request_;
  std::map<std::string, EnvironmentMarker> markers_;            ///< of the venvs, as the script leaves them
  std::map<std::string, std::optional<std::string>> contents_;  ///< of files, as the script leaves them
  std::vector<std::pair<std::string, std::vector<std::string>>> seen_;  ///< files and their sums, in turn
  bool credentials_ = false;
};

}  // namespace mlenv
