#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "forecast/pip_report.hpp"
#include "host/reader.hpp"
#include "host/writer.hpp"
#include "resource/python_site.hpp"

namespace mlenv {

/// A folder that pip takes for site folders, with the metadata of packages and none of their code: what is
/// installed in a venv, and what earlier calls of the plan will have installed.
class PretendedSite {
 public:
  PretendedSite(const HostReader& host, HostWriter& writer, Privilege privilege, std::string folder)
      : host_(host), writer_(writer), privilege_(privilege), folder_(std::move(folder)) {}

  /// Lays it out anew, and returns what PYTHONPATH has to name.
  Result<std::string> lay(const Distributions& installed, const std::vector<ReportedWheel>& coming) const;
  const std::string& folder() const { return folder_; }

 private:
  Result<Done> add_coming(const ReportedWheel& wheel) const;
  std::string copy(const Distributions& installed, const std::vector<ReportedWheel>& coming) const;

  const HostReader& host_;
  HostWriter& writer_;
  Privilege privilege_;
  std::string folder_;
};

}  // namespace mlenv
