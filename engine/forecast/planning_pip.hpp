#pragma once

#include <functional>
#include <string>
#include <vector>

#include "forecast/shadow_apt.hpp"
#include "host/facts.hpp"

namespace mlenv {

/// A Python with a pip that can say what it would do, and nothing else of the host's in it.
struct PlanningPip {
  std::vector<std::string> command;  ///< interpreter, `-m`, `pip`
  std::string path;                  ///< for PYTHONPATH; empty where the environment's own pip does
  bool compiles = false;             ///< it is mlenvctl's own: what Python compiles of it may stay there
};

/// An environment to ask for: one that is there (`prefix` with a bin/python), or one to be made.
struct PythonWanted {
  std::string prefix;                 ///< of the venv; empty: the user's own site
  bool stands = false;                ///< it is there, and stays
  std::string interpreter;            ///< to make it with, by path
  std::string version;                ///< of that interpreter; may be empty
  bool system_site_packages = false;  ///< of the venv to be made
};

/// Finds or makes it, below the cache. pip can report since 22.2 and take another interpreter's place; an
/// older one is only asked to download its successor, as the user has configured it. Planning runs nothing
/// that a recipe names: neither the programs in a venv nor an interpreter that is not the host's own.
/// Errors: `forecast.no-pip`.
class PlanningPips {
 public:
  /// `home`: of the one who asks. `bundled` brings the distribution's own wheel of pip below the cache and
  /// says in which folder it is; empty when it cannot.
  PlanningPips(const HostReader& host, HostWriter& writer, std::string home, const Environment& environment,
               CacheFolder cache, bool offline, std::function<std::string(const CacheFolder&)> bundled);
  Result<PlanningPip> find(const PythonWanted& wanted);

 private:
  Result<std::string> scratch_venv(const PythonWanted& wanted);
  Result<std::string> pip_folder(const PythonWanted& wanted, const std::string& python);
  Result<std::string> unpack(const std::string& wheel, const std::string& python, const std::string& folder);
  Result<std::string> download_pip(const PythonWanted& wanted, const std::string& python,
                                   const std::string& to);
  Result<std::string> download_by(std::vector<std::string> way, const std::string& to);
  Result<Output> run(std::vector<std::string> argv) const;

  const HostReader& host_;
  HostWriter& writer_;
  std::string home_;
  const Environment& environment_;
  CacheFolder cache_;
  bool offline_;
  std::function<std::string(const CacheFolder&)> bundled_;
};

/// Whether an interpreter is the host's own: root's, or of a version manager in the home of the one who asks.
bool is_hosts_own(const HostReader& host, const std::string& home, const std::string& interpreter);

/// The folder of the pip that has been made below this cache for a Python of that minor version; nothing
/// where none has been.
std::optional<PlanningPip> made_pip(const HostReader& host, const CacheFolder& cache,
                                    const std::string& minor);

/// Makes the distribution's own pip, which is compiled already, the one for this interpreter below this
/// cache: by a link, so that nothing else of what lies beside it comes along. Nothing where it cannot serve.
std::optional<PlanningPip> borrow_pip(const HostReader& host, HostWriter& writer, const CacheFolder& cache,
                                      const std::string& interpreter, const std::string& version);

/// Whether this pip can plan: `--dry-run`, `--report` without downloads.
bool can_plan(const std::string& pip_version);

}  // namespace mlenv
