#include "resource/uv.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace mlenv {

std::optional<std::string> find_uv(const HostReader& host, const std::string& home) {
  if (auto found = find_program(host, "uv")) return found;
  for (const char* folder : {"/.local/bin/uv", "/.cargo/bin/uv"}) {
    if (exists(host, home + folder)) return home + folder;
  }
  return std::nullopt;
}

std::vector<std::string> pip_configuration_files(const std::string& prefix, const std::string& home) {
  std::vector<std::string> paths = {"/etc/pip.conf", "/etc/xdg/pip/pip.conf", home + "/.config/pip/pip.conf",
                                    home + "/.pip/pip.conf"};
  if (!prefix.empty()) paths.push_back(prefix + "/pip.conf");
  return paths;
}

bool pip_is_configured(const HostReader& host, const std::string& prefix, const std::string& home) {
  const auto paths = pip_configuration_files(prefix, home);
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) { return exists(host, path); });
}

Environment uv_variables(const Environment& own) {
  constexpr std::array<std::pair<const char*, const char*>, 5> names = {
      {{"PIP_INDEX_URL", "UV_INDEX_URL"},
       {"PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL"},
       {"PIP_FIND_LINKS", "UV_FIND_LINKS"},
       {"PIP_NO_INDEX", "UV_NO_INDEX"},
       {"PIP_CERT", "SSL_CERT_FILE"}}};
  Environment variables = {{"UV_NO_PROGRESS", "1"}};
  for (const auto& [pip, uv] : names) {
    const auto told = own.find(pip);
    if (told != own.end() && !told->second.empty() && own.count(uv) == 0) variables[uv] = told->second;
  }
  return variables;
}

Environment installer_variables(const std::string& prefix, const Environment& own) {
  auto variables = uv_variables(own);
  variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1";
  variables["PIP_NO_INPUT"] = "1";
  if (prefix.empty()) return variables;
  variables["PYTHONNOUSERSITE"] = "1";
  variables["PYTHONPATH"] = "";
  variables["PIP_USER"] = "0";
  return variables;
}

void hide_addresses(std::vector<std::string>& argv, Environment& variables) {
  struct {
    const char* option;
    const char* pip;
    const char* uv;
  } const options[] = {{"--index-url", "PIP_INDEX_URL", "UV_INDEX_URL"},
                       {"--extra-index-url", "PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL"},
                       {"--find-links", "PIP_FIND_LINKS", "UV_FIND_LINKS"}};
  const bool uv = !argv.empty() && (argv.front() == "uv" || argv.front().ends_with("/uv"));
  for (const auto& [option, pip_name, uv_name] : options) {
    std::vector<std::string> rest, values;
    for (std::size_t i = 0; i < argv.size(); ++i) {
      const bool ours = argv[i] == option && i + 1 < argv.size();
      (ours ? values : rest).push_back(ours ? argv[++i] : argv[i]);
    }
    if (std::none_of(values.begin(), values.end(),
                     [](const auto& value) { return holds_credentials(value); }))
      continue;
    argv = std::move(rest);
    variables[uv ? uv_name : pip_name] = join(values, uv && pip_name == options[2].pip ? "," : " ");
  }
}

bool compiles_at_once(Privilege privilege, std::uint32_t user) {
  return privilege == Privilege::root || user == 0;
}

}  // namespace mlenv
