#include <algorithm>

#include "base/deb_version.hpp"
#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

/// The greatest of release names such as 5.15.0-91-generic, by the numbers in them.
std::string newest_of(const std::vector<std::string>& releases) {
  std::string newest;
  for (const auto& each : releases) {
    const auto version = DebVersion::parse(each);
    const auto best = DebVersion::parse(newest);
    if (version && (!best || *best < *version)) newest = each;
  }
  return newest;
}

bool stops_nouveau(std::string_view line) {
  std::vector<std::string_view> words;
  for (const auto word : split(trim(line), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (words.size() < 2 || words[1] != "nouveau") return false;
  if (words[0] == "blacklist") return true;
  if (words.size() < 3) return false;
  const bool nothing = words[2].ends_with("/false") || words[2].ends_with("/true");
  return (words[0] == "install" && nothing) || (words[0] == "options" && words[2] == "modeset=0");
}

/// modprobe.d(5), and the kernel's command line.
bool nouveau_is_blocked(const HostReader& host) {
  const auto line = host.read_file("/proc/cmdline");
  for (const char* words : {"modprobe.blacklist=nouveau", "module_blacklist=nouveau",
                            "rd.driver.blacklist=nouveau", "nouveau.modeset=0"}) {
    if (line && *line && (*line)->find(words) != std::string::npos) return true;
  }
  for (const std::string folder : {"/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d"}) {
    const auto entries = host.list(folder);
    if (!entries) continue;
    for (const auto& entry : *entries) {
      if (!entry.name.ends_with(".conf")) continue;
      const auto text = host.read_file(join_path(folder, entry.name));
      if (!text || !*text) continue;
      const auto lines = split_lines(**text);
      if (std::any_of(lines.begin(), lines.end(), stops_nouveau)) return true;
    }
  }
  return false;
}

bool holds_module(const HostReader& host, const std::string& folder) {
  const auto entries = host.list(folder);
  return entries && std::any_of(entries->begin(), entries->end(), [](const DirectoryEntry& entry) {
           return entry.name.starts_with("nvidia") && entry.name.find(".ko") != std::string::npos;
         });
}

/// dkms(8): /var/lib/dkms/MODULE/VERSION/KERNEL/ARCH/module holds what was built.
void add_versions(const HostReader& host, const std::string& module, const std::string& version,
                  std::vector<DkmsModule>& all) {
  const auto folder = "/var/lib/dkms/" + module + "/" + version;
  bool built = false;
  const auto kernels = host.list(folder);
  for (const auto& kernel : kernels ? *kernels : std::vector<DirectoryEntry>()) {
    const auto arches = host.list(join_path(folder, kernel.name));
    for (const auto& arch : arches ? *arches : std::vector<DirectoryEntry>()) {
      if (!exists(host, folder + "/" + kernel.name + "/" + arch.name + "/module")) continue;
      built = true;
      const auto modules = "/lib/modules/" + kernel.name;
      const bool installed =
          holds_module(host, modules + "/updates/dkms") || holds_module(host, modules + "/extra");
      all.push_back({module, version, kernel.name, installed ? "installed" : "built"});
    }
  }
  if (!built) all.push_back({module, version, {}, "added"});
}

}  // namespace

Fact<std::string> probe_newest_kernel(const HostReader& host) {
  std::vector<std::string> releases;
  const std::string image = "vmlinuz-";
  const auto boot = host.list("/boot");
  if (!boot) return Unknown{boot.error().message};
  for (const auto& entry : *boot) {
    if (entry.name.starts_with(image)) releases.push_back(entry.name.substr(image.size()));
  }
  if (releases.empty()) return Absent{};
  return newest_of(releases);
}

Fact<bool> probe_headers(const HostReader& host, const Fact<std::string>& kernel) {
  const auto* release = known(kernel);
  if (release == nullptr) return Absent{};
  const auto build = resolve_links(host, "/lib/modules/" + *release + "/build");
  return (build && exists(host, *build)) || exists(host, "/usr/src/linux-headers-" + *release);
}

Fact<bool> probe_nouveau_blocked(const HostReader& host) { return nouveau_is_blocked(host); }

Fact<std::vector<DkmsModule>> probe_dkms(const HostReader& host) {
  const auto modules = host.list("/var/lib/dkms");
  if (!modules) return Unknown{modules.error().message};
  std::vector<DkmsModule> all;
  for (const auto& module : *modules) {
    if (!module.name.starts_with("nvidia")) continue;
    const auto versions = host.list("/var/lib/dkms/" + module.name);
    for (const auto& version : versions ? *versions : std::vector<DirectoryEntry>()) {
      const bool number = !version.name.empty() && version.name[0] >= '0' && version.name[0] <= '9';
      if (number) add_versions(host, module.name, version.name, all);
    }
  }
  return all;
}

}  // namespace mlenv
