#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// One distribution of pip's installation report.
/// Format: https://pip.pypa.io/en/stable/reference/installation-report/
struct ReportedWheel {
  Wheel wheel;
  std::vector<std::string> requires_dist;   ///< as the metadata has them
  std::vector<std::string> provides_extra;  ///< which a later call may ask for
  bool direct = false;                      ///< by a URL of its own, not from an index
};

/// What an index or a folder says becomes names of files and words for pip: nothing but what a wheel can have
/// is taken.
bool is_sound(const Wheel& wheel);

Result<std::vector<ReportedWheel>> parse_pip_report(const std::string& json);

/// A METADATA file that says as much as pip needs to see the distribution as installed.
std::string minimal_metadata(const ReportedWheel& reported);

}  // namespace mlenv
