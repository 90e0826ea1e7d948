#include "resource/venv_files.hpp"

#include "base/text.hpp"
#include "host/json_text.hpp"

namespace mlenv {
namespace {

constexpr const char* marker_format = "mlenvctl.venv/1";
constexpr std::string_view system_sites = "include-system-site-packages";

std::pair<std::string, std::string> setting(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  return {to_lower(trim(line.substr(0, equals))), std::string(trim(line.substr(equals + 1)))};
}

/// `3.11.2.final.0` -> `3.11.2`.
std::string three_numbers(const std::string& version) {
  std::size_t end = 0;
  for (int dots = 0; end < version.size(); ++end) {
    if (version[end] == '.' && ++dots == 3) break;
  }
  return version.substr(0, end);
}

}  // namespace

std::string venv_config_path(const std::string& prefix) { return join_path(prefix, "pyvenv.cfg"); }

VenvConfig parse_venv_config(std::string_view text) {
  VenvConfig config;
  for (const auto line : split_lines(text)) {
    const auto [key, value] = setting(line);
    if (key == "home") config.home = value;
    if (key == "version" || key == "version_info") config.version = three_numbers(value);
    if (key == system_sites) config.system_site_packages = to_lower(value) == "true";
  }
  return config;
}

std::string with_system_site_packages(std::string_view text, bool wanted) {
  const std::string line = std::string(system_sites) + " = " + (wanted ? "true" : "false");
  std::string changed;
  bool there = false;
  for (const auto each : split_lines(text)) {
    const bool ours = setting(each).first == system_sites;
    changed += (ours ? line : std::string(each)) + "\n";
    there = there || ours;
  }
  return there ? changed : changed + line + "\n";
}

std::string marker_path(const std::string& prefix, const std::string& home) {
  if (prefix.empty()) return join_path(home, ".local/share/mlenvctl/python-user-site.json");
  return join_path(prefix, ".mlenvctl.json");
}

std::optional<EnvironmentMarker> parse_marker(const std::string& json) {
  const auto document = parse_json(json);
  if (!document.is_object() || !document.contains("format") || document["format"] != marker_format)
    return std::nullopt;
  EnvironmentMarker marker;
  marker.made = !document.contains("made") || document["made"] != false;
  if (!document.contains("latest") || !document["latest"].is_object()) return marker;
  for (const auto& [requirement, version] : document["latest"].items()) {
    if (version.is_string()) marker.latest[requirement] = version.get<std::string>();
  }
  return marker;
}

std::string marker_text(const EnvironmentMarker& marker) {
  nlohmann::ordered_json document;
  document["format"] = marker_format;
  document["made"] = marker.made;
  document["latest"] = nlohmann::ordered_json::object();
  for (const auto& [requirement, version] : marker.latest) document["latest"][requirement] = version;
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<std::optional<EnvironmentMarker>> read_marker(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  if (!text) return text.error();
  if (!*text) return std::optional<EnvironmentMarker>();
  return parse_marker(**text);
}

}  // namespace mlenv
