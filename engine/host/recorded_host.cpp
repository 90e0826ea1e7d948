#include "host/recorded_host.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "host/facts_json.hpp"
#include "host/json_text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::ptrdiff_t deepest_path = 64;  // the reader keeps every folder on the way to a file

/// Keeps the files with every folder above them, so that walking needs no special case.
class RecordedReader : public HostReader {
 public:
  explicit RecordedReader(std::map<std::string, RecordedFile> files) : files_(std::move(files)) {
    std::vector<std::string> paths;
    for (const auto& [path, file] : files_) paths.push_back(path);
    for (auto path : paths) {
      while (path.size() > 1) {
        path = parent_path(path);
        files_.emplace(path, RecordedFile{FileType::directory, {}, 0755, 0, 0});
      }
    }
    files_.emplace("/", RecordedFile{FileType::directory, {}, 0755, 0, 0});
  }

  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    const auto* file = find(path, Links::follow);
    if (file == nullptr || file->type != FileType::file) return std::optional<std::string>();
    return std::optional(file->content);
  }
  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    const auto* file = find(path, links);
    if (file == nullptr) return std::optional<FileStat>();
    return std::optional(FileStat{file->type, file->mode, file->uid, file->gid, file->content.size(), 0});
  }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    std::vector<DirectoryEntry> entries;
    const auto folder = real_path(path, Links::follow);
    if (!folder) return entries;
    const auto prefix = *folder == "/" ? *folder : *folder + "/";
    for (auto at = files_.lower_bound(prefix); at != files_.end() && at->first.starts_with(prefix); ++at) {
      const auto name = at->first.substr(prefix.size());
      if (!name.empty() && name.find('/') == std::string::npos) entries.push_back({name, at->second.type});
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }
  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    const auto* file = find(path, Links::keep);
    if (file == nullptr || file->type != FileType::symlink) return std::optional<std::string>();
    return std::optional(file->content);
  }
  Result<Output> query(const Command& command) const override {
    return Error{"host.recorded", "`" + command.argv.front() + "` cannot be run on a recorded host", {}};
  }

 private:
  const RecordedFile* find(const std::string& path, Links links) const {
    const auto real = real_path(path, links);
    const auto found = real ? files_.find(*real) : files_.end();
    return found == files_.end() ? nullptr : &found->second;
  }

  /// Links on the way are always followed, the one at the end only when asked.
  std::optional<std::string> real_path(const std::string& path, Links links) const {
    std::string done;
    std::string open = normal_path(path);
    for (int followed = 0; open.size() > 1;) {
      const auto end = std::min(open.find('/', 1), open.size());
      const auto here = done + open.substr(0, end);
      const auto rest = open.substr(end);
      const auto found = files_.find(here);
      if (found == files_.end()) return std::nullopt;
      if (found->second.type != FileType::symlink || (rest.empty() && links == Links::keep)) {
        done = here;
        open = rest.empty() ? "/" : rest;
        continue;
      }
      if (++followed > 40) return std::nullopt;
      const auto& target = found->second.content;
      open = normal_path((target.starts_with("/") ? target : join_path(parent_path(here), target)) + rest);
      done.clear();
    }
    return done.empty() ? "/" : done;
  }

  std::map<std::string, RecordedFile> files_;
};

Error wrong(const std::string& message) {
  return {"host.record", message, "`mlenvctl facts --json` prints a host's facts"};
}

/// A file of the record: its text, or an object that says what else it is.
std::optional<RecordedFile> file_of(const Json& value) {
  RecordedFile file;
  if (value.is_string()) {
    file.content = value.get<std::string>();
    return file;
  }
  if (!value.is_object()) return std::nullopt;
  if (value.contains("link")) {
    file.type = FileType::symlink;
    file.content = value.value("link", "");
    file.mode = 0777;
  } else if (value.value("directory", false)) {
    file.type = FileType::directory;
    file.mode = 0755;
  } else {
    file.content = value.value("content", "");
  }
  if (value.contains("mode")) {
    const auto text = value.value("mode", "");
    std::from_chars(text.data(), text.data() + text.size(), file.mode, 8);
  }
  file.uid = value.value("uid", 0U);
  file.gid = value.value("gid", file.uid);
  return file;
}

std::string dpkg_status(const Json& packages, const std::string& arch) {
  std::string status;
  for (const auto& [name, version] : packages.items()) {
    status += "Package: " + name + "\nStatus: install ok installed\nArchitecture: " + arch +
              "\nVersion: " + version.get<std::string>() + "\n\n";
  }
  return status;
}

Result<RecordedHost> read_host(const Json& document) {
  const auto format = document.value("format", "");
  if (format != "mlenvctl.host/1" && format != "mlenvctl.facts/1") {
    return wrong("expected a document of the format `mlenvctl.host/1` or `mlenvctl.facts/1`");
  }
  RecordedHost host;
  host.facts =
      facts_from_json(format == "mlenvctl.facts/1" ? document : document.value("facts", Json::object()));
  const auto files = document.value("files", Json::object());
  for (const auto& [path, value] : files.items()) {
    auto file = file_of(value);
    if (!file || !path.starts_with("/") || std::count(path.begin(), path.end(), '/') > deepest_path)
      return wrong("the file `" + path + "` of the record cannot be read");
    host.files.emplace(normal_path(path), std::move(*file));
  }
  const auto packages = document.value("packages", Json::object());
  if (!packages.empty()) {
    host.files["/var/lib/dpkg/status"].content +=
        dpkg_status(packages, host.facts.arch == "aarch64" ? "arm64" : "amd64");
  }
  return host;
}

}  // namespace

Result<RecordedHost> read_recorded_host(const std::string& json) {
  const auto document = parse_json(json);
  if (!document.is_object()) return wrong("this is not JSON");
  try {
    return read_host(document);
  } catch (const Json::exception& error) {
    return wrong(std::string("this is not a recorded host: ") + error.what());
  }
}

std::unique_ptr<HostReader> recorded_reader(std::map<std::string, RecordedFile> files) {
  return std::make_unique<RecordedReader>(std::move(files));
}

}  // namespace mlenv
