#include "record/survey.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "host/json_text.hpp"
#include "resource/python_site.hpp"
#include "resource/rpm_database.hpp"
#include "resource/uv.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

constexpr std::size_t most_folders = 5000;  // a home may hold a data set of a million files
constexpr std::size_t most_venvs = 64;

std::vector<DirectoryEntry> entries_of(const HostReader& host, const std::string& folder) {
  const auto entries = host.list(folder);
  return entries ? *entries : std::vector<DirectoryEntry>();
}

/// Goes through folders for those with a pyvenv.cfg.
class VenvSearch {
 public:
  explicit VenvSearch(const HostReader& host) : host_(host) {}

  bool take(const std::string& folder) {
    if (!exists(host_, venv_config_path(folder))) return false;
    const auto real = resolve_links(host_, folder);
    if (real && real_.insert(*real).second && found_.size() < most_venvs) found_.insert(folder);
    return true;
  }

  /// Level by level, so that a data set of many folders hides nothing that lies beside it.
  void below(const std::string& top, int depth) {
    std::vector<std::string> level = {top};
    for (; depth > 0 && !level.empty(); --depth) {
      std::vector<std::string> next;
      for (const auto& folder : level) look_into(folder, next);
      level = std::move(next);
    }
  }

  std::vector<std::string> found() const { return {found_.begin(), found_.end()}; }

 private:
  void look_into(const std::string& folder, std::vector<std::string>& next) {
    for (const auto& entry : entries_of(host_, folder)) {
      if (entry.type != FileType::directory || ++looked_ > most_folders) continue;
      const bool hidden = entry.name.starts_with(".") || entry.name == "node_modules";
      const bool home_of_venvs =
          entry.name == ".venv" || entry.name == ".venvs" || entry.name == ".virtualenvs";
      if (hidden && !home_of_venvs) continue;
      auto path = join_path(folder, entry.name);
      if (!take(path)) next.push_back(std::move(path));
    }
  }

  const HostReader& host_;
  std::set<std::string> found_;
  std::set<std::string> real_;
  std::size_t looked_ = 0;
};

std::string kernel_program(const HostReader& host, const std::string& file) {
  const auto text = host.read_file(file);
  if (!text || !*text) return {};
  const auto kernel = parse_json(**text);
  if (!kernel.is_object() || !kernel.contains("argv") || !kernel["argv"].is_array() || kernel["argv"].empty())
    return {};
  return kernel["argv"][0].is_string() ? kernel["argv"][0].get<std::string>() : std::string();
}

void look_at_packages(const HostReader& host, const std::string& site) {
  const auto packages = read_distributions(host, site);
  if (!packages) return;
  for (const auto& [name, package] : *packages) {
    for (const char* file : {"METADATA", "RECORD", "direct_url.json"})
      static_cast<void>(host.read_file(join_path(package.folder, file)));
  }
}

void look_at_apt(const HostReader& host) {
  static_cast<void>(host.read_file("/var/lib/dpkg/status"));
  static_cast<void>(host.read_file("/var/lib/dpkg/arch"));
  static_cast<void>(host.list("/var/lib/dpkg/updates"));
  static_cast<void>(host.list("/var/lib/apt/lists"));
  for (const char* file : {"/etc/apt/sources.list", "/etc/apt/preferences", "/etc/apt/trusted.gpg"})
    static_cast<void>(host.read_file(file));
  for (const std::string folder : {"/etc/apt/sources.list.d", "/etc/apt/preferences.d",
                                   "/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/usr/share/keyrings"}) {
    for (const auto& entry : entries_of(host, folder))
      static_cast<void>(host.read_file(join_path(folder, entry.name)));
  }
}

void look_at_rpm(const HostReader& host) {
  static_cast<void>(read_rpm_packages(host));
  for (const char* program : {"dnf5", "dnf", "yum", "zypper"}) static_cast<void>(find_program(host, program));
}

/// What a plan asks of a Python with which a venv could be made.
void look_at_python(const HostReader& host, const Python& python, const User& user) {
  const auto real = resolve_links(host, python.path);
  if (!real) return;
  const auto base = parent_path(parent_path(*real));
  const auto minor = python_minor(python.version);
  const auto library = base + "/lib/python" + minor;
  for (const auto& path : {library, library + "/ensurepip", library + "/EXTERNALLY-MANAGED"})
    static_cast<void>(exists(host, path));
  for (const auto& site : system_site_folders(base, minor)) static_cast<void>(read_distributions(host, site));
  look_at_packages(host, user.home + "/.local/lib/python" + minor + "/site-packages");
}

void look_at_venv(const HostReader& host, const std::string& path, const User& user) {
  const auto text = host.read_file(venv_config_path(path));
  if (!text || !*text) return;
  static_cast<void>(read_marker(host, marker_path(path, {})));
  static_cast<void>(host.stat(path, Links::follow));
  static_cast<void>(resolve_links(host, path + "/bin/python"));
  static_cast<void>(pip_is_configured(host, path, user.home));
  for (const auto& entry : entries_of(host, path + "/lib")) {
    if (!entry.name.starts_with("python")) continue;
    for (const auto& site : own_site_folders(host, path, entry.name.substr(6))) look_at_packages(host, site);
  }
}

void look_at_kernels(const HostReader& host, const User& user) {
  for (const auto& folder : kernel_folders(user)) {
    for (const auto& entry : entries_of(host, folder)) {
      const auto kernel = join_path(folder, entry.name);
      static_cast<void>(entries_of(host, kernel));
      const auto program = kernel_program(host, join_path(kernel, "kernel.json"));
      if (program.starts_with("/")) static_cast<void>(exists(host, program));
      if (!program.empty() && !program.starts_with("/")) static_cast<void>(find_program(host, program));
    }
  }
}

}  // namespace

std::vector<std::string> kernel_folders(const User& user) {
  return {user.home + "/.local/share/jupyter/kernels", "/usr/local/share/jupyter/kernels",
          "/usr/share/jupyter/kernels"};
}

std::vector<std::string> start_up_files(const User& user) {
  std::vector<std::string> files;
  for (const char* name :
       {".bashrc", ".profile", ".bash_profile", ".bash_login", ".zshrc", ".zshenv", ".zprofile",
        ".config/fish/conf.d/mlenvctl.fish", ".config/environment.d/60-mlenvctl.conf"})
    files.push_back(join_path(user.home, name));
  for (const char* file : {"/etc/profile", "/etc/bash.bashrc", "/etc/environment", "/etc/zsh/zshenv",
                           "/etc/profile.d/mlenvctl.sh", "/etc/fish/conf.d/mlenvctl.fish",
                           "/etc/environment.d/60-mlenvctl.conf"})
    files.emplace_back(file);
  return files;
}

std::vector<std::string> find_venvs(const HostReader& host, const Facts& facts,
                                    const std::vector<std::string>& known, int deep) {
  VenvSearch search(host);
  for (const auto& path : known) search.take(path);
  for (const auto& folder : kernel_folders(facts.user)) {
    for (const auto& entry : entries_of(host, folder)) {
      const auto program = kernel_program(host, folder + "/" + entry.name + "/kernel.json");
      if (program.starts_with("/")) search.take(parent_path(parent_path(program)));
    }
  }
  for (const auto& folder : {facts.user.home, std::string("/opt"), std::string("/srv")})
    if (folder != "/") search.below(folder, deep);
  search.below(facts.user.home + "/.local/share/virtualenvs", 1);
  return search.found();
}

void survey(const HostReader& host, const Facts& facts, const std::vector<std::string>& venvs) {
  look_at_apt(host);
  look_at_rpm(host);
  static_cast<void>(host.read_file("/etc/passwd"));
  static_cast<void>(find_uv(host, facts.user.home));
  static_cast<void>(pip_is_configured(host, {}, facts.user.home));
  static_cast<void>(read_marker(host, marker_path({}, facts.user.home)));
  for (const auto& python : facts.pythons) look_at_python(host, python, facts.user);
  for (const auto& venv : venvs) look_at_venv(host, venv, facts.user);
  look_at_kernels(host, facts.user);
  for (const auto& file : start_up_files(facts.user)) static_cast<void>(host.read_file(file));
  for (const char* folder : {"/.config/fish", "/.config", "/.local"})
    static_cast<void>(exists(host, facts.user.home + folder));
  for (const char* folder : {"/etc/zsh", "/etc/fish"}) static_cast<void>(exists(host, folder));
}

}  // namespace mlenv
