#include "record/recording_reader.hpp"

#include <algorithm>

namespace mlenv {
namespace {

constexpr int link_limit = 40;  // as the kernel's own

}  // namespace

/// The entry of a path all of whose folders have been looked at; null when it is not there.
SeenPath* RecordingReader::look_at_one(const std::string& path) const {
  const auto known = seen_.paths.find(path);
  if (known != seen_.paths.end()) return &known->second;
  if (seen_.absent.count(path) != 0) return nullptr;
  SeenPath seen;
  const auto stat = host_.stat(path, Links::keep);
  if (!stat) {
    seen.hidden = stat.error();
  } else if (!*stat) {
    seen_.absent.insert(path);
    return nullptr;
  } else {
    seen.stat = **stat;
    if ((*stat)->type == FileType::symlink) {
      const auto link = host_.read_link(path);
      if (link) seen.link = *link;
      if (!link) seen.hidden = link.error();
    }
  }
  return &seen_.paths.emplace(path, std::move(seen)).first->second;
}

/// Walks as a reader of the record will walk, and remembers every folder and link on the way.
SeenPath* RecordingReader::look(const std::string& path, Links links) const {
  std::string done;
  std::string open = normal_path(path);
  auto* at = look_at_one("/");
  for (int followed = 0; open.size() > 1;) {
    const auto end = std::min(open.find('/', 1), open.size());
    const auto here = done + open.substr(0, end);
    const auto rest = open.substr(end);
    at = look_at_one(here);
    if (at == nullptr || at->hidden) return at;
    if (!at->link || (rest.empty() && links == Links::keep)) {
      done = here;
      open = rest.empty() ? "/" : rest;
      continue;
    }
    if (++followed > link_limit) return nullptr;
    open = normal_path((at->link->starts_with("/") ? *at->link : join_path(parent_path(here), *at->link)) +
                       rest);
    done.clear();
    at = look_at_one("/");
  }
  return at;
}

Result<std::optional<std::string>> RecordingReader::read_file(const std::string& path) const {
  auto answer = host_.read_file(path);
  auto* seen = look(path, Links::follow);
  if (seen == nullptr) return answer;
  seen->asked.insert(normal_path(path));
  if (!answer) {
    seen->content = Result<std::string>(answer.error());
  } else if (*answer) {
    seen->content = Result<std::string>(**answer);
  }
  return answer;
}

Result<std::optional<FileStat>> RecordingReader::stat(const std::string& path, Links links) const {
  look(path, links);
  return host_.stat(path, links);
}

Result<std::vector<DirectoryEntry>> RecordingReader::list(const std::string& path) const {
  auto answer = host_.list(path);
  auto* seen = look(path, Links::follow);
  if (seen != nullptr && seen->stat && seen->stat->type == FileType::directory) {
    seen->asked.insert(normal_path(path));
    seen->entries = answer;
  }
  return answer;
}

Result<std::optional<std::string>> RecordingReader::read_link(const std::string& path) const {
  look(path, Links::keep);
  return host_.read_link(path);
}

Result<Output> RecordingReader::query(const Command& command) const {
  auto answer = host_.query(command);
  if (answer && answer->exit_code == 0) seen_.answers[command.argv] = answer->out;
  return answer;
}

}  // namespace mlenv
