#include "forecast/pip_report.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/pep_requirement.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                           : std::string();
}

/// `torch-1.7.1%2Bcu110.whl` -> `torch-1.7.1+cu110.whl`.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
                            text.data() + i + 3;
    decoded += escape ? static_cast<char>(value) : text[i];
    if (escape) i += 2;
  }
  return decoded;
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
  if (archive.is_object()) read.wheel.sha256 = text_of(archive.value("hashes", Json::object()), "sha256");
  read.direct = entry.value("is_direct", false);
  const auto needs = metadata.value("requires_dist", Json::array());
  for (const auto& each : needs) {
    if (each.is_string()) read.requires_dist.push_back(each.get<std::string>());
  }
  return read;
}

}  // namespace

Result<std::vector<ReportedWheel>> parse_pip_report(const std::string& text) {
  const Error unfit{"forecast.report", "pip's report cannot be read", {}};
  const auto report = Json::parse(text, nullptr, false);
  if (!report.is_object() || !report.contains("install") || !report["install"].is_array()) return unfit;
  std::vector<ReportedWheel> all;
  try {
    for (const auto& entry : report["install"]) all.push_back(read_entry(entry));
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
