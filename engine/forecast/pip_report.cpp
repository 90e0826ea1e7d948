#include "forecast/pip_report.hpp"

#include "base/pep_requirement.hpp"
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
  const auto needs = metadata.value("requires_dist", Json::array());
  for (const auto& each : needs) {
    if (each.is_string()) read.requires_dist.push_back(each.get<std::string>());
  }
  return read;
}

bool holds_only(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// An index is not to choose where on the host a file comes to lie, nor what else a line says.
bool is_sound(const Wheel& wheel) {
  constexpr std::size_t digest_length = 64;
  constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz0123456789-";
  constexpr std::string_view version = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!+_-";
  const bool digest = wheel.sha256.empty() ||
                      (wheel.sha256.size() == digest_length && holds_only(wheel.sha256, "0123456789abcdef"));
  const bool file = wheel.file.find_first_of(std::string_view("/\0\n", 3)) == std::string::npos &&
                    wheel.file != "." && wheel.file != "..";
  return !wheel.name.empty() && holds_only(wheel.name, lower) && !wheel.version.empty() &&
         holds_only(wheel.version, version) && digest && file;
}

}  // namespace

Result<std::vector<ReportedWheel>> parse_pip_report(const std::string& text) {
  const Error unfit{"forecast.report", "pip's report cannot be read", {}};
  const auto report = parse_json(text);
  if (!report.is_object() || !report.contains("install") || !report["install"].is_array()) return unfit;
  std::vector<ReportedWheel> all;
  try {
    for (const auto& entry : report["install"]) {
      all.push_back(read_entry(entry));
      if (is_sound(all.back().wheel)) continue;
      return Error{"forecast.report",
                   "the index offers what cannot be a package's name, version, file or digest: `" +
                       mask_credentials(all.back().wheel.url) + "`",
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
  return text;
}

}  // namespace mlenv
