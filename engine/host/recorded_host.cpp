#include "host/recorded_host.hpp"

#include <algorithm>

namespace mlenv {
namespace {

/// Keeps the files with every folder above them, so that walking needs no special case.
class RecordedReader : public HostReader {
 public:
  explicit RecordedReader(RecordedHost host) : host_(std::move(host)) {
    std::vector<std::string> paths;
    for (const auto& [path, file] : host_.files) paths.push_back(path);
    for (auto path : paths) {
      while (path.size() > 1) {
        path = parent_path(path);
        host_.files.emplace(path, RecordedFile{FileType::directory, {}, 0755, 0, 0});
      }
    }
    host_.files.emplace("/", RecordedFile{FileType::directory, {}, 0755, 0, 0});
  }

  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    const auto found = find(path, Links::follow);
    if (!found) return found.error();
    const auto* file = *found;
    if (file == nullptr || file->type != FileType::file) return std::optional<std::string>();
    if (file->unread) return *file->unread;
    return std::optional(file->content);
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    const auto found = find(path, links);
    if (!found) return found.error();
    const auto* file = *found;
    if (file == nullptr) return std::optional<FileStat>();
    return std::optional(FileStat{file->type, file->mode, file->uid, file->gid, file->content.size(),
                                  file->modified, file->modified_part});
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    std::vector<DirectoryEntry> entries;
    const auto real = real_path(path, Links::follow);
    if (!real) return real.error();
    const auto folder = real->empty() ? host_.files.end() : host_.files.find(*real);
    if (folder == host_.files.end() || folder->second.type != FileType::directory) return entries;
    if (folder->second.hidden) return *folder->second.unread;
    if (folder->second.unread) return *folder->second.unread;
    if (folder->second.entries) return told_entries(folder->second);
    if (host_.open) return not_recorded(path);
    const auto prefix = *real == "/" ? *real : *real + "/";
    for (auto at = host_.files.lower_bound(prefix); at != host_.files.end() && at->first.starts_with(prefix);
         ++at) {
      const auto name = at->first.substr(prefix.size());
      if (!name.empty() && name.find('/') == std::string::npos) entries.push_back({name, at->second.type});
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    const auto found = find(path, Links::keep);
    if (!found) return found.error();
    if (*found == nullptr || (*found)->type != FileType::symlink) return std::optional<std::string>();
    return std::optional((*found)->content);
  }
  Result<Output> query(const Command& command) const override {
    const auto answer = host_.answers.find(command.argv);
    if (answer != host_.answers.end()) return Output{0, false, answer->second, {}};
    return Error{"host.recorded", "`" + command.argv.front() + "` cannot be run on a recorded host", {}};
  }

 private:
  static Error not_recorded(const std::string& path) {
    return {"host.not-recorded", "the record of this host does not tell of `" + path + "`",
            "take it anew with this recipe: `mlenvctl snapshot RECIPE`"};
  }

  static std::vector<DirectoryEntry> told_entries(const RecordedFile& folder) {
    auto entries = *folder.entries;
    for (std::size_t i = 1; i <= folder.others; ++i)
      entries.push_back({left_out + std::string(" ") + std::to_string(i), FileType::other});
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }

  /// The entry, or null when it is not there.
  Result<const RecordedFile*> find(const std::string& path, Links links) const {
    const auto real = real_path(path, links);
    if (!real) return real.error();
    const auto found = real->empty() ? host_.files.end() : host_.files.find(*real);
    if (found == host_.files.end()) return static_cast<const RecordedFile*>(nullptr);
    if (found->second.hidden) return *found->second.unread;
    return &found->second;
  }

  /// Empty where it is not there, an Error where the record does not tell. Links on the way are always
  /// followed, the one at the end only when asked.
  Result<std::string> real_path(const std::string& path, Links links) const {
    std::string done;
    std::string open = normal_path(path);
    for (int followed = 0; open.size() > 1;) {
      const auto end = std::min(open.find('/', 1), open.size());
      const auto here = done + open.substr(0, end);
      const auto rest = open.substr(end);
      const auto found = host_.files.find(here);
      if (found == host_.files.end()) {
        if (is_absent(here)) return std::string();
        return not_recorded(path);
      }
      if (found->second.hidden) return *found->second.unread;
      if (found->second.type != FileType::symlink || (rest.empty() && links == Links::keep)) {
        done = here;
        open = rest.empty() ? "/" : rest;
        continue;
      }
      if (++followed > 40) return std::string();
      const auto& target = found->second.content;
      open = normal_path((target.starts_with("/") ? target : join_path(parent_path(here), target)) + rest);
      done.clear();
    }
    return done.empty() ? "/" : done;
  }

  /// Of a path that is not among the files, in a folder that is.
  bool is_absent(const std::string& path) const {
    if (!host_.open || host_.absent.count(path) != 0) return true;
    const auto folder = host_.files.find(parent_path(path));
    if (folder == host_.files.end()) return false;
    if (folder->second.type != FileType::directory) return true;
    if (!folder->second.entries || folder->second.others > 0) return false;
    const auto name = path.substr(path.rfind('/') + 1);
    const auto& entries = *folder->second.entries;
    return std::none_of(entries.begin(), entries.end(), [&](const auto& each) { return each.name == name; });
  }

  RecordedHost host_;
};

}  // namespace

std::unique_ptr<HostReader> host_reader(RecordedHost host) {
  return std::make_unique<RecordedReader>(std::move(host));
}

std::unique_ptr<HostReader> recorded_reader(std::map<std::string, RecordedFile> files) {
  RecordedHost host;
  host.files = std::move(files);
  return host_reader(std::move(host));
}

}  // namespace mlenv
