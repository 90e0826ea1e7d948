#pragma once

#include <string>

#include "forecast/shadow_apt.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// Where pip's side of things is kept.
struct PythonCache {
  CacheFolder wheels;    ///< the pool, by digest
  CacheFolder planning;  ///< what looking ahead needs, and what venvs share; may have no path
};

/// By whom it is installed as: what root's steps use, nobody else must have been able to put there.
struct PythonCaches {
  PythonCache users, roots;
  const PythonCache& of(Privilege privilege) const { return privilege == Privilege::root ? roots : users; }
};

/// Whether a wheel has to be fetched: one in a folder of the host is used where it is.
bool is_remote(const Wheel& wheel);
/// The folder in which a wheel lies alone, by its digest: one name may have two contents.
std::string wheel_folder(const CacheFolder& cache, const Wheel& wheel);
/// The server's name in a URL, `local files` for a file.
std::string server_of(const std::string& url);
/// True when the pool has it, whole.
bool is_pooled(const HostReader& host, const CacheFolder& cache, const Wheel& wheel);

/// All that the pool has, as the only source.
PipSource pooled_source(const HostReader& host, const CacheFolder& cache);

/// The call that installs just what was planned, from the pool alone; the constraints still to be written
/// stand in `keep`.
PipInstall pooled_call(const PipInstall& planned, const CacheFolder& cache);

}  // namespace mlenv
