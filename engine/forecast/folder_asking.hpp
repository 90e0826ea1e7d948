#pragma once

#include <optional>
#include <vector>

#include "forecast/pip_report.hpp"
#include "forecast/planning_pip.hpp"

namespace mlenv {

/// Where it is asked, and as whom.
struct AskingPlace {
  const HostReader& host;
  const std::string& arch;
  User user;  ///< as whom pip runs
  const Environment& environment;
};

/// What a call brings into a new environment where the wheels themselves tell: its only source are folders,
/// and for each project that comes there is just one wheel that serves, of pure Python, so that there is
/// nothing to choose. Nothing wherever that is not certain; pip is asked then.
std::optional<std::vector<ReportedWheel>> ask_folders(const PipInstall& call, const PythonWanted& wanted,
                                                      const AskingPlace& place);

}  // namespace mlenv
