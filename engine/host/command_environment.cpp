#include "host/command_environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "host/process.hpp"

namespace mlenv {
namespace {

/// What would make a program look at another Python than the one that is meant.
constexpr std::array<std::string_view, 5> misleading = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME",
                                                        "CONDA_PREFIX", "PYTHONSTARTUP"};

/// Settings whose value may be the path of a file or folder.
constexpr std::array<std::string_view, 10> path_settings = {
    "PIP_CERT",           "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_FIND_LINKS", "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",  "NETRC",           "UV_CONFIG_FILE", "UV_FIND_LINKS"};

bool is_network_setting(const std::string& name) {
  const auto lower = to_lower(name);
  return lower.ends_with("_proxy") || name == "SSL_CERT_FILE" || name == "SSL_CERT_DIR" ||
         name == "REQUESTS_CA_BUNDLE" || name == "CURL_CA_BUNDLE" || name == "NETRC";
}

/// What travels to another account or into a tree. Root's own settings are for what root does too; those of
/// somebody who asks sudo are not.
bool travels(const std::string& name, const CommandPlace& place) {
  if (is_network_setting(name)) return true;
  return (place.privilege == Privilege::user || place.by_root) &&
         (name.starts_with("PIP_") || name.starts_with("UV_"));
}

std::string value_of(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

}  // namespace

void add_own_configuration(Environment& variables, const Environment& own, const HostReader& here,
                           const HostReader& tree, const User& user) {
  const auto home = value_of(own, "HOME");
  struct {
    const char* variable;
    const char* file;
  } const wanted[] = {{"PIP_CONFIG_FILE", "/.config/pip/pip.conf"},
                      {"UV_CONFIG_FILE", "/.config/uv/uv.toml"},
                      {"NETRC", "/.netrc"}};
  for (const auto& [variable, file] : wanted) {
    if (variables.count(variable) != 0 || exists(tree, user.home + file)) continue;
    if (exists(here, home + file)) variables[variable] = home + file;
  }
  if (variables.count("PIP_CONFIG_FILE") == 0 && exists(here, "/etc/pip.conf") &&
      !exists(tree, "/etc/pip.conf")) {
    variables["PIP_CONFIG_FILE"] = "/etc/pip.conf";
  }
}

namespace {

/// Files of this machine that the settings name and the tree lacks get a name in the tree.
void lend_named_files(CommandEnvironment& made, const HostReader& here, const HostReader& tree) {
  for (auto& [name, value] : made.variables) {
    if (std::find(path_settings.begin(), path_settings.end(), name) == path_settings.end()) continue;
    if (!value.starts_with("/") || value.find(' ') != std::string::npos) continue;
    if (exists(tree, value) || !exists(here, value)) continue;
    const auto shown = "/mnt/" + to_lower(name);
    made.lent.push_back({value, shown});
    value = shown;
  }
}

}  // namespace

Environment of_the_system(Environment more) {
  more.emplace("PATH", standard_path);
  more.emplace("LC_ALL", "C.UTF-8");
  return more;
}

CommandEnvironment command_environment(const CommandPlace& place, const Environment& own,
                                       const HostReader& here, const HostReader& tree) {
  CommandEnvironment made;
  const bool in_tree = place.root != "/";
  const bool all = place.privilege == Privilege::user && place.same_account && !in_tree;
  for (const auto& [name, value] : own) {
    const bool misleads = std::find(misleading.begin(), misleading.end(), name) != misleading.end();
    if (!misleads && (all || travels(name, place))) made.variables[name] = value;
  }
  const bool as_root = place.privilege == Privilege::root;
  if (!all) made.variables["PATH"] = standard_path;
  if (all && value_of(own, "PATH").empty()) made.variables["PATH"] = standard_path;
  made.variables["HOME"] = as_root ? "/root" : place.user.home;
  made.variables["USER"] = made.variables["LOGNAME"] = as_root ? "root" : place.user.name;
  made.variables["SHELL"] = as_root || place.user.shell.empty() ? "/bin/sh" : place.user.shell;
  made.variables["LC_ALL"] = "C.UTF-8";
  if (!in_tree) return made;
  if (!as_root) add_own_configuration(made.variables, own, here, tree, place.user);
  lend_named_files(made, here, tree);
  return made;
}

}  // namespace mlenv
