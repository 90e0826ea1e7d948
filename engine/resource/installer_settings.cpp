#include "resource/installer_settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "resource/uv.hpp"

namespace mlenv {
namespace {

bool pip_variable_tells(const std::string& name) {
  constexpr std::array<std::string_view, 12> harmless = {"PIP_INDEX_URL",
                                                         "PIP_EXTRA_INDEX_URL",
                                                         "PIP_TRUSTED_HOST",
                                                         "PIP_CERT",
                                                         "PIP_CLIENT_CERT",
                                                         "PIP_DEFAULT_TIMEOUT",
                                                         "PIP_CACHE_DIR",
                                                         "PIP_NO_CACHE_DIR",
                                                         "PIP_NO_INPUT",
                                                         "PIP_PROGRESS_BAR",
                                                         "PIP_DISABLE_PIP_VERSION_CHECK",
                                                         "PIP_ROOT_USER_ACTION"};
  return name.starts_with("PIP_") && std::find(harmless.begin(), harmless.end(), name) == harmless.end();
}

bool uv_variable_tells(const std::string& name) {
  constexpr std::array<std::string_view, 7> harmless = {
      "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_CACHE_DIR",   "UV_NO_CACHE",
      "UV_LINK_MODE", "UV_NO_PROGRESS",     "UV_HTTP_TIMEOUT"};
  return name.starts_with("UV_") && std::find(harmless.begin(), harmless.end(), name) == harmless.end();
}

/// The variable that says the same as a key of pip's files: `index-url` is PIP_INDEX_URL.
std::string variable_of(std::string_view key) {
  std::string name = "PIP_";
  for (const char c : key)
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name == "PIP_TIMEOUT" ? "PIP_DEFAULT_TIMEOUT" : name;
}

/// A line of a configuration file. One that goes on from the line before is judged as a key of its own, since
/// the first below a section may be indented too: what goes on from a harmless key says nothing else.
bool line_tells(std::string_view line) {
  const auto text = trim(line);
  if (text.empty() || text.front() == '#' || text.front() == ';') return false;
  if (text.front() == '[') return !text.ends_with(']');
  const auto end = text.find_first_of("=:");
  return end == std::string_view::npos || pip_variable_tells(variable_of(trim(text.substr(0, end))));
}

/// The folders that XDG's variables name for configuration.
std::vector<std::string> configuration_folders(const Environment& own) {
  std::vector<std::string> folders;
  for (const char* name : {"XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"}) {
    const auto value = own.find(name);
    if (value == own.end()) continue;
    for (const auto folder : split(value->second, ':')) {
      if (folder.starts_with('/')) folders.emplace_back(folder);
    }
  }
  return folders;
}

}  // namespace

bool pip_file_tells_otherwise(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  if (!text) return true;
  if (!*text) return false;
  const auto lines = split_lines(**text);
  return std::any_of(lines.begin(), lines.end(), line_tells);
}

bool pip_is_told_otherwise(const HostReader& host, const std::string& home, const Environment& own) {
  auto files = pip_configuration_files({}, home);
  for (const auto& folder : configuration_folders(own)) files.push_back(folder + "/pip/pip.conf");
  return std::any_of(own.begin(), own.end(),
                     [](const auto& each) { return pip_variable_tells(each.first); }) ||
         std::any_of(files.begin(), files.end(),
                     [&](const auto& path) { return pip_file_tells_otherwise(host, path); });
}

bool uv_is_told_otherwise(const HostReader& host, const std::string& home, const Environment& own) {
  auto folders = configuration_folders(own);
  folders.insert(folders.end(), {"/etc", "/etc/xdg", home + "/.config"});
  return std::any_of(own.begin(), own.end(),
                     [](const auto& each) { return uv_variable_tells(each.first); }) ||
         std::any_of(folders.begin(), folders.end(),
                     [&](const auto& folder) { return exists(host, folder + "/uv/uv.toml"); });
}

}  // namespace mlenv
