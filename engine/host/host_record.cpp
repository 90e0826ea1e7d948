#include "host/host_record.hpp"

#include <algorithm>
#include <charconv>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "host/dpkg_stanza.hpp"
#include "host/facts_json.hpp"
#include "host/json_text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::ptrdiff_t deepest_path = 64;  // the reader keeps every folder on the way to a file

Error wrong(const std::string& message) {
  return {"host.record", message, "`mlenvctl snapshot` writes a host's record"};
}

/// Lines of a record end all alike; those that it leaves out are empty.
std::optional<std::string> text_of_lines(const Json& lines) {
  std::string text;
  if (lines.is_array()) {
    for (const auto& line : lines) text += line.get<std::string>() + "\n";
    return text;
  }
  if (!lines.is_object()) return std::nullopt;
  constexpr std::size_t most_lines = 100000;
  std::size_t next = 1;
  for (const auto& [key, line] : lines.items()) {
    std::size_t number = 0;
    std::from_chars(key.data(), key.data() + key.size(), number);
    if (number < next || number > most_lines) return std::nullopt;
    text.append(number - next, '\n').append(line.get<std::string>()).append("\n");
    next = number + 1;
  }
  return text;
}

bool read_content(const Json& value, RecordedFile& file) {
  if (value.contains("lines")) {
    auto text = text_of_lines(value["lines"]);
    if (text) file.content = std::move(*text);
    return text.has_value();
  }
  if (value.contains("base64")) {
    auto bytes = from_base64(value["base64"].get<std::string>());
    if (bytes) file.content = std::move(*bytes);
    return bytes.has_value();
  }
  if (value.contains("unread")) file.unread = Error{"host.left-out", value["unread"].get<std::string>(), {}};
  file.content = value.value("content", "");
  return true;
}

/// `name/` is a folder, `name@` a link, `name?` something else.
DirectoryEntry entry_of(std::string name) {
  const auto type = name.ends_with("/")   ? FileType::directory
                    : name.ends_with("@") ? FileType::symlink
                    : name.ends_with("?") ? FileType::other
                                          : FileType::file;
  if (type != FileType::file) name.pop_back();
  return {std::move(name), type};
}

void read_folder(const Json& value, RecordedFile& file) {
  file.type = FileType::directory;
  file.mode = 0755;
  if (value.contains("unread")) file.unread = Error{"host.left-out", value["unread"].get<std::string>(), {}};
  file.others = value.value("others", std::size_t{0});
  if (!value.contains("entries")) return;
  file.entries.emplace();
  for (const auto& each : value["entries"]) file.entries->push_back(entry_of(each.get<std::string>()));
}

/// A file of the record: its text, or an object that says what else it is. `above` has the owner.
std::optional<RecordedFile> file_of(const Json& value, const RecordedFile* above) {
  RecordedFile file;
  if (above != nullptr) {
    file.uid = above->uid;
    file.gid = above->gid;
  }
  if (value.is_string()) {
    file.content = value.get<std::string>();
    return file;
  }
  if (value.is_array()) {
    file.content = *text_of_lines(value);
    return file;
  }
  if (!value.is_object()) return std::nullopt;
  if (value.contains("link")) {
    file.type = FileType::symlink;
    file.content = value["link"].get<std::string>();
    file.mode = 0777;
  } else if (value.value("directory", false)) {
    read_folder(value, file);
  } else if (value.contains("error")) {
    file.type = FileType::other;
    file.hidden = true;
    file.unread = Error{value["error"].value("code", ""), value["error"].value("message", ""), {}};
  } else if (!read_content(value, file)) {
    return std::nullopt;
  }
  if (value.contains("mode")) {
    const auto text = value["mode"].get<std::string>();
    std::from_chars(text.data(), text.data() + text.size(), file.mode, 8);
  }
  if (value.contains("modified")) {
    file.modified = value["modified"].at(0).get<std::int64_t>();
    file.modified_part = value["modified"].at(1).get<std::uint32_t>();
  }
  if (value.contains("type")) file.type = FileType::other;
  if (value.contains("uid")) file.uid = file.gid = value["uid"].get<std::uint32_t>();
  if (value.contains("gid")) file.gid = value["gid"].get<std::uint32_t>();
  return file;
}

/// The entry of a folder, made where the record has none; null for closed records, whose folders are root's.
const RecordedFile* folder_above(const std::string& path, RecordedHost& host) {
  if (!host.open || path == "/") return nullptr;
  const auto above = parent_path(path);
  const auto found = host.files.find(above);
  if (found != host.files.end()) return &found->second;
  RecordedFile made{FileType::directory, {}, 0755, 0, 0};
  if (const auto* next = folder_above(above, host)) {
    made.uid = next->uid;
    made.gid = next->gid;
  }
  return &host.files.emplace(above, std::move(made)).first->second;
}

std::optional<Error> read_files(const Json& files, RecordedHost& host) {
  std::map<std::string, const Json*> sorted;  // folders before what is in them
  for (const auto& [path, value] : files.items()) {
    if (!path.starts_with("/")) return wrong("`files`: `" + path + "` is no absolute path");
    if (std::count(path.begin(), path.end(), '/') > deepest_path)
      return wrong("`files`: `" + path + "` is deeper than any path may be");
    sorted.emplace(normal_path(path), &value);
  }
  for (const auto& [path, value] : sorted) {
    try {
      auto file = file_of(*value, folder_above(path, host));
      if (!file) return wrong("`files`: `" + path + "` is neither text nor what else a file can be");
      host.files.insert_or_assign(path, std::move(*file));
    } catch (const Json::exception& error) {
      return wrong("`files`: `" + path + "`: " + error.what());
    }
  }
  return std::nullopt;
}

std::string dpkg_stanza(const std::string& key, const Json& value, const std::string& native) {
  const auto colon = key.find(':');
  const auto text = [&](const char* name, const std::string& usual) {
    return value.is_object() ? value.value(name, usual) : usual;
  };
  const auto provides = text("provides", "");
  const auto version = value.is_string() ? value.get<std::string>() : text("version", "");
  return "Package: " + key.substr(0, colon) + "\nStatus: " + text("status", "install ok installed") +
         "\nArchitecture: " + (colon == std::string::npos ? native : key.substr(colon + 1)) +
         "\nVersion: " + version + (provides.empty() ? "" : "\nProvides: " + provides) + "\n\n";
}

void read_packages(const Json& packages, RecordedHost& host) {
  const auto arch = host.files.find("/var/lib/dpkg/arch");
  const auto native =
      dpkg_architecture(arch == host.files.end() ? "" : arch->second.content, host.facts.arch);
  std::string status;
  for (const auto& [name, value] : packages.items()) status += dpkg_stanza(name, value, native);
  host.files["/var/lib/dpkg/status"].content += status;
}

Result<RecordedHost> read_host(const Json& document) {
  const auto format = document.value("format", "");
  if (format != "mlenvctl.host/1" && format != "mlenvctl.facts/1") {
    return wrong("expected a document of the format `mlenvctl.host/1` or `mlenvctl.facts/1`, found " +
                 (format.empty() ? "none" : "`" + format + "`"));
  }
  RecordedHost host;
  host.facts =
      facts_from_json(format == "mlenvctl.facts/1" ? document : document.value("facts", Json::object()));
  host.open = document.value("unlisted", "") == "unknown";
  host.tree = document.value("tree", false);
  if (const auto error = read_files(document.value("files", Json::object()), host)) return *error;
  for (const auto& path : document.value("absent", Json::array()))
    host.absent.insert(path.get<std::string>());
  for (const auto& each : document.value("answers", Json::array()))
    host.answers[each.at("command").get<std::vector<std::string>>()] = each.value("output", "");
  const auto packages = document.value("packages", Json::object());
  if (!packages.empty() || (host.open && document.contains("packages"))) read_packages(packages, host);
  return host;
}

/// Reads without keeping anything, to find where a text stops being JSON.
struct FaultSearch : nlohmann::json_sax<Json> {
  std::size_t byte = 0;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    byte = at;
    return false;
  }
};

/// `3:7` of a byte.
std::string place_in(const std::string& text, std::size_t byte) {
  const auto end = std::min(byte == 0 ? 0 : byte - 1, text.size());
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  const auto begin = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
  return std::to_string(line) + ":" + std::to_string(end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

}  // namespace

Result<RecordedHost> read_recorded_host(const std::string& json) {
  const auto document = parse_json(json);
  if (document.is_discarded()) {
    FaultSearch search;
    if (Json::sax_parse(json, &search)) return wrong("this is nested too deeply, or has too many members");
    return wrong(place_in(json, search.byte) + ": this is not JSON");
  }
  if (!document.is_object()) return wrong("1:1: expected a JSON object, found another value");
  try {
    return read_host(document);
  } catch (const Json::exception& error) {
    return wrong(std::string("this is not a recorded host: ") + error.what());
  }
}

}  // namespace mlenv
