#pragma once

#include <map>
#include <memory>
#include <string>

#include "host/facts.hpp"
#include "host/reader.hpp"

namespace mlenv {

/// One entry of a host kept in memory.
struct RecordedFile {
  FileType type = FileType::file;
  std::string content;  ///< bytes of a file, target of a link
  unsigned mode = 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  bool operator==(const RecordedFile&) const = default;
};

/// A host that is data: what --host reads and what tests use. Folders above recorded files exist by
/// themselves.
struct RecordedHost {
  Facts facts;
  std::map<std::string, RecordedFile> files;  ///< by absolute path
};

/// Reads the JSON form: `{"format": "mlenvctl.host/1", "facts": {…as facts --json…}, "packages": {NAME:
/// VERSION}, "files": {PATH: TEXT | {"link": …} | {"directory": true} | {"content": …, "mode": "0644", "uid":
/// 0}}}`. A bare `mlenvctl.facts/1` document is a host without files. `packages` become /var/lib/dpkg/status.
Result<RecordedHost> read_recorded_host(const std::string& json);

/// A reader over the record; queries answer with an Error (`host.recorded`).
std::unique_ptr<HostReader> recorded_reader(std::map<std::string, RecordedFile> files);

}  // namespace mlenv
