#include <algorithm>

#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

constexpr const char* module_path = "/sys/module/nvidia/version";
constexpr const char* proc_path = "/proc/driver/nvidia/version";

std::string file_text(const HostReader& host, const char* path) {
  const auto text = host.read_file(path);
  return text && *text ? **text : std::string();
}

bool is_version(std::string_view text) {
  return text.find('.') != std::string_view::npos &&
         text.find_first_not_of("0123456789.") == std::string_view::npos && text.front() != '.';
}

/// `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  535.183.01  Release Build …` -> 535.183.01.
std::optional<std::string> version_in(const std::string& text) {
  for (const auto word : split(std::string_view(text).substr(0, text.find('\n')), ' ')) {
    if (!word.empty() && is_version(word)) return std::string(word);
  }
  return std::nullopt;
}

std::vector<std::string> library_folders(const HostReader& host) {
  std::vector<std::string> folders;
  for (const char* arch : {"x86_64-linux-gnu", "aarch64-linux-gnu"}) {
    const auto folder = std::string("/usr/lib/") + arch;
    folders.push_back(folder);
    folders.push_back(folder + "/nvidia/current");
    folders.push_back(folder + "/tegra");
  }
  for (const char* folder : {"/usr/lib64", "/usr/lib", "/usr/local/nvidia/lib64", "/usr/lib/wsl/lib"})
    folders.emplace_back(folder);
  folders.erase(std::remove_if(folders.begin(), folders.end(),
                               [&](const std::string& each) { return !exists(host, each); }),
                folders.end());
  return folders;
}

/// The version of the driver's libraries, which their files have in their names: `libcuda.so.1` is a link to
/// `libcuda.so.535.183.01`.
struct Libraries {
  bool there = false;
  std::optional<std::string> version;
};

Libraries find_libraries(const HostReader& host) {
  Libraries found;
  for (const auto& folder : library_folders(host)) {
    for (const std::string name : {"libnvidia-ml.so.", "libcuda.so."}) {
      const auto path = resolve_links(host, join_path(folder, name + "1"));
      if (!path || !exists(host, *path)) continue;
      found.there = true;
      const auto at = path->rfind(name);
      const auto version = at == std::string::npos ? std::string() : path->substr(at + name.size());
      // Under WSL2 the file is `libcuda.so.1.1`: no version of a driver, which has at least three digits.
      constexpr std::size_t digits = 3;
      if (!version.empty() && is_version(version) && version.find('.') >= digits) {
        found.version = version;
        return found;
      }
    }
  }
  return found;
}

std::string status_of(const Driver& driver, bool libraries) {
  if (!driver.loaded) return "not-loaded";
  if (!libraries) return "no-library";
  return driver.userspace && *driver.userspace != *driver.loaded ? "mismatch" : "ok";
}

std::string reason_of(const Driver& driver) {
  if (driver.status == "mismatch")
    return "the running module is " + *driver.loaded + ", the libraries are " + *driver.userspace;
  if (driver.status == "not-loaded") return "no module of it is loaded";
  if (driver.status == "no-library") return "its libraries are not there";
  return {};
}

}  // namespace

Fact<Driver> probe_driver(const HostReader& host) {
  Driver driver;
  const auto proc = file_text(host, proc_path);
  driver.loaded = version_in(file_text(host, module_path));
  if (!driver.loaded) driver.loaded = version_in(proc);
  if (proc.find("Open Kernel Module") != std::string::npos) driver.flavour = "open";
  if (!driver.flavour && proc.find("Kernel Module") != std::string::npos) driver.flavour = "proprietary";
  const auto libraries = find_libraries(host);
  driver.userspace = libraries.version;
  const bool windows = exists(host, "/dev/dxg");
  const bool blind = !exists(host, "/sys/module") && !exists(host, "/proc/version");
  if (!driver.loaded && !libraries.there && !windows) {
    if (is_jetson(host)) return Unknown{"the driver of a Jetson is part of its own software"};
    if (blind) return Unknown{"there is no /sys to look at"};
    return Absent{};
  }
  if (windows) {
    driver.why = "the driver is that of Windows";
    if (libraries.there) driver.status = "ok";
    return driver;
  }
  if (!driver.loaded && blind) {
    driver.why = "there is no /sys to look at";
    return driver;
  }
  driver.status = status_of(driver, libraries.there);
  driver.why = reason_of(driver);
  return driver;
}

}  // namespace mlenv
