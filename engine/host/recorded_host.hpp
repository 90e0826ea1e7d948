#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "host/facts.hpp"
#include "host/reader.hpp"

namespace mlenv {

/// What stands in a record in place of a value that may be secret.
inline constexpr const char* left_out = "<left-out-of-the-record>";

/// One entry of a host kept in memory.
struct RecordedFile {
  FileType type = FileType::file;
  std::string content;  ///< bytes of a file, target of a link
  unsigned mode = 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t modified = 0;  ///< as in FileStat, where a plan goes by it
  std::uint32_t modified_part = 0;
  std::optional<Error> unread = std::nullopt;  ///< what reading it comes to, where the record has no content
  bool hidden = false;                         ///< not even what it is could be told: `unread` says why
  /// Of a folder: what is in it, where the record tells; `others` more have their names left out.
  std::optional<std::vector<DirectoryEntry>> entries = std::nullopt;
  std::size_t others = 0;
  bool operator==(const RecordedFile&) const = default;
};

/// A host that is data: what --host reads and what tests use. Folders above recorded files exist by
/// themselves.
struct RecordedHost {
  Facts facts;
  std::map<std::string, RecordedFile> files = {};  ///< by absolute path
  /// Open: what is neither in `files` nor here is not known. Else all that is not in `files` is absent.
  bool open = false;
  std::set<std::string> absent = {};
  std::map<std::vector<std::string>, std::string> answers = {};  ///< what programs that look have printed
  bool tree = false;                                             ///< a system tree that nobody runs
};

/// A reader over the record; queries without an answer in it end in an Error (`host.recorded`), and so does
/// what an open record does not tell (`host.not-recorded`).
std::unique_ptr<HostReader> host_reader(RecordedHost host);
std::unique_ptr<HostReader> recorded_reader(std::map<std::string, RecordedFile> files);

}  // namespace mlenv
