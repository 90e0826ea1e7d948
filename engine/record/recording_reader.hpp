#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/reader.hpp"

namespace mlenv {

/// What was seen of one path, whole and unmasked: never written anywhere as it is.
struct SeenPath {
  std::optional<FileStat> stat;
  std::optional<Error> hidden;                                 ///< why not even its type could be told
  std::optional<std::string> link;                             ///< where a symbolic link points
  std::optional<Result<std::string>> content;                  ///< of a file that was read
  std::optional<Result<std::vector<DirectoryEntry>>> entries;  ///< of a folder that was listed
  std::set<std::string> asked;                                 ///< the names under which it was read
};

/// All that probes have looked at, by real path; `absent` was looked for and is not there.
struct SeenHost {
  std::map<std::string, SeenPath> paths;
  std::set<std::string> absent;
  std::map<std::vector<std::string>, std::string> answers;
};

/// Passes every question on to a host and remembers it with its answer.
class RecordingReader : public HostReader {
 public:
  /// The host must live as long.
  explicit RecordingReader(const HostReader& host) : host_(host) {}

  Result<std::optional<std::string>> read_file(const std::string& path) const override;
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override;
  Result<std::optional<std::string>> read_link(const std::string& path) const override;
  Result<Output> query(const Command& command) const override;
  Result<Space> space(const std::string& path) const override { return host_.space(path); }

  const SeenHost& seen() const { return seen_; }

 private:
  SeenPath* look(const std::string& path, Links links) const;
  SeenPath* look_at_one(const std::string& path) const;

  const HostReader& host_;
  mutable SeenHost seen_;
};

}  // namespace mlenv
