#include "forecast/pip_report.hpp"

#include <algorithm>

#include "base/pep_requirement.hpp"
#include "base/pep_version.hpp"
#include "base/text.hpp"
#include "host/json_text.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                           : std::string();
}

std::vector<std::string> texts_of(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const auto all = object.is_object() ? object.value(key, Json::array()) : Json::array();
  for (const auto& each : all) {
    if (each.is_string()) texts.push_back(each.get<std::string>());
  }
  return texts;
}

/// For a message: an index can say anything.
std::string shown(std::string text) {
  constexpr std::size_t most = 80;
  for (auto& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text.substr(0, most);
}

/// A digest names folders: it is one, or nothing.
bool is_digest(const std::string& text) {
  constexpr std::size_t length = 64;
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.empty() || (text.size() == length && std::all_of(text.begin(), text.end(), hex));
}

ReportedWheel read_entry(const Json& entry) {
  ReportedWheel read;
  const auto& metadata = entry.value("metadata", Json::object());
  const auto& source = entry.value("download_info", Json::object());
  read.wheel.name = canonical_project_name(text_of(metadata, "name"));
  read.wheel.version = text_of(metadata, "version");
  read.wheel.url = text_of(source, "url");
  const auto path = read.wheel.url.substr(0, read.wheel.url.find_first_of("?#"));
  read.wheel.file = percent_decoded(path.substr(path.rfind('/') + 1));
  const auto archive = source.value("archive_info", Json::object());
  if (archive.is_object())
    read.wheel.sha256 = to_lower(text_of(archive.value("hashes", Json::object()), "sha256"));
  read.direct = entry.value("is_direct", false);
  read.requires_dist = texts_of(metadata, "requires_dist");
  read.provides_extra = texts_of(metadata, "provides_extra");
  return read;
}

}  // namespace

bool is_sound(const Wheel& wheel) {
  const auto lower = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  const auto odd = [](char c) {
    return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x21 || c == 0x7F;
  };
  const auto& name = wheel.name;
  const bool named = !name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), lower);
  return named && is_digest(wheel.sha256) && PepVersion::parse(wheel.version) &&
         wheel.file.ends_with(".whl") && wheel.file.front() != '-' && wheel.file.front() != '.' &&
         std::none_of(wheel.file.begin(), wheel.file.end(), odd);
}

Result<std::vector<ReportedWheel>> parse_pip_report(const std::string& text) {
  const Error unfit{"forecast.report", "pip's report cannot be read", {}};
  const auto report = parse_json(text);
  if (!report.is_object() || !report.contains("install") || !report["install"].is_array()) return unfit;
  std::vector<ReportedWheel> all;
  try {
    for (const auto& entry : report["install"]) {
      all.push_back(read_entry(entry));
      const auto& wheel = all.back().wheel;
      if (is_sound(wheel)) continue;
      return Error{"forecast.report",
                   "the index names `" + shown(wheel.file) + "` of `" + shown(wheel.name) +
                       "`, which is no wheel's name, version or digest",
                   {}};
    }
  } catch (const Json::exception&) {
    return unfit;
  }
  return all;
}

std::string minimal_metadata(const ReportedWheel& reported) {
  std::string text =
      "Metadata-Version: 2.1\nName: " + reported.wheel.name + "\nVersion: " + reported.wheel.version + "\n";
  for (const auto& each : reported.requires_dist) {
    if (each.find('\n') == std::string::npos) text += "Requires-Dist: " + each + "\n";
  }
  for (const auto& each : reported.provides_extra) {
    if (each.find('\n') == std::string::npos) text += "Provides-Extra: " + each + "\n";
  }
  return text;
}

}  // namespace mlenv
