#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "host/dpkg_stanza.hpp"
#include "host/host_record.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* status_path = "/var/lib/dpkg/status";

std::string octal(unsigned mode) {
  std::string digits;
  for (int shift = 9; shift >= 0; shift -= 3) digits += static_cast<char>('0' + ((mode >> shift) & 7U));
  return digits;
}

std::string entry_name(const DirectoryEntry& entry) {
  switch (entry.type) {
    case FileType::directory:
      return entry.name + "/";
    case FileType::symlink:
      return entry.name + "@";
    case FileType::other:
      return entry.name + "?";
    case FileType::file:
      break;
  }
  return entry.name;
}

/// Lines by their number where most are left out, else all of them; text that does not end its last line as
/// it is.
std::pair<const char*, Json> content_of(const std::string& content) {
  if (content.find('\0') != std::string::npos || first_bad_utf8(content))
    return {"base64", to_base64(content)};
  if (!content.ends_with("\n") || content.find('\r') != std::string::npos) return {"content", content};
  Json all = Json::array(), some = Json::object();
  std::size_t number = 0;
  for (const auto line : split_lines(content)) {
    ++number;
    all.push_back(std::string(line));
    if (!line.empty()) some[std::to_string(number)] = std::string(line);
  }
  const bool sparse = some.size() * 2 < number && !all.back().get_ref<const std::string&>().empty();
  return {"lines", sparse ? std::move(some) : std::move(all)};
}

Json file_object(const RecordedFile& file) {
  Json value = Json::object();
  if (file.hidden) return {{"error", {{"code", file.unread->code}, {"message", file.unread->message}}}};
  if (file.type == FileType::symlink) {
    value["link"] = file.content;
  } else if (file.type == FileType::directory) {
    value["directory"] = true;
    if (file.entries) {
      value["entries"] = Json::array();
      for (const auto& each : *file.entries) value["entries"].push_back(entry_name(each));
    }
    if (file.others > 0) value["others"] = file.others;
    if (file.unread) value["unread"] = file.unread->message;
  } else if (file.unread) {
    value["unread"] = file.unread->message;
  } else {
    auto content = content_of(file.content);
    value[content.first] = std::move(content.second);
  }
  if (file.type == FileType::other) value["type"] = "other";
  return value;
}

unsigned usual_mode(FileType type) {
  return type == FileType::directory ? 0755 : type == FileType::symlink ? 0777 : 0644;
}

Json file_document(const RecordedFile& file, const RecordedFile& above) {
  auto value = file_object(file);
  if (file.hidden) return value;
  if (file.mode != usual_mode(file.type)) value["mode"] = octal(file.mode);
  if (file.modified != 0 || file.modified_part != 0) value["modified"] = {file.modified, file.modified_part};
  if (file.uid != above.uid || file.gid != above.gid) {
    value["uid"] = file.uid;
    if (file.gid != file.uid) value["gid"] = file.gid;
  }
  const bool plain = value.size() == 1;
  if (plain && value.contains("content")) return value["content"];
  if (plain && value.contains("lines") && value["lines"].is_array()) return value["lines"];
  return value;
}

/// The folder as a reader takes it to be when it is not said: with a file in it, and nothing of its own.
bool goes_without_saying(const std::string& path, const RecordedFile& file, const RecordedFile& above,
                         const RecordedHost& host) {
  if (file.type != FileType::directory || file.entries || file.unread || file.mode != 0755) return false;
  if (file.modified != 0) return false;
  if (file.uid != above.uid || file.gid != above.gid) return false;
  const auto next = host.files.upper_bound(path + "/");
  return next != host.files.end() && next->first.starts_with(path + "/");
}

Json files_document(const RecordedHost& host) {
  static const RecordedFile root{FileType::directory, {}, 0755, 0, 0};
  Json files = Json::object();
  for (const auto& [path, file] : host.files) {
    if (path == status_path) continue;
    const auto folder = host.files.find(parent_path(path));
    const auto& above = path == "/" || folder == host.files.end() ? root : folder->second;
    if (!goes_without_saying(path, file, above, host)) files[path] = file_document(file, above);
  }
  return files;
}

/// dpkg's database without what no plan looks at, by name.
Json packages_document(const RecordedHost& host) {
  const auto arch = host.files.find("/var/lib/dpkg/arch");
  const auto native =
      dpkg_architecture(arch == host.files.end() ? "" : arch->second.content, host.facts.arch);
  std::map<std::string, Json> sorted;
  for (const auto& package : dpkg_stanzas(host.files.at(status_path).content)) {
    const auto& own = package.architecture;
    const bool foreign = own != native && own != "all" && !own.empty();
    Json value = {{"version", package.version}};
    if (package.status != "install ok installed") value["status"] = package.status;
    if (!package.provides.empty()) value["provides"] = package.provides;
    sorted.insert_or_assign(package.name + (foreign ? ":" + own : ""),
                            value.size() == 1 ? Json(package.version) : std::move(value));
  }
  Json packages = Json::object();
  for (auto& [name, value] : sorted) packages[name] = std::move(value);
  return packages;
}

}  // namespace

Json recorded_host_document(const RecordedHost& host, Json facts) {
  Json document = {{"format", "mlenvctl.host/1"}};
  if (host.open) document["unlisted"] = "unknown";
  if (host.tree) document["tree"] = true;
  document["facts"] = std::move(facts);
  if (host.files.count(status_path) != 0) document["packages"] = packages_document(host);
  if (!host.answers.empty()) document["answers"] = Json::array();
  for (const auto& [command, output] : host.answers)
    document["answers"].push_back({{"command", command}, {"output", output}});
  document["absent"] = host.absent;
  document["files"] = files_document(host);
  return document;
}

}  // namespace mlenv
