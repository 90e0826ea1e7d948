#include "host/facts.hpp"

#include <sys/utsname.h>

#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

std::string file_text(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  return text && *text ? **text : std::string();
}

std::string unquoted(std::string_view value) {
  value = trim(value);
  if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
    value = value.substr(1, value.size() - 2);
  }
  return std::string(value);
}

/// os-release(5): /etc wins over /usr/lib.
Fact<Os> probe_os(const HostReader& host) {
  auto text = file_text(host, "/etc/os-release");
  if (text.empty()) text = file_text(host, "/usr/lib/os-release");
  if (text.empty()) return Unknown{"there is no os-release file"};
  Os os;
  for (const auto line : split_lines(text)) {
    const auto at = line.find('=');
    if (at == std::string_view::npos) continue;
    const auto key = line.substr(0, at);
    const auto value = unquoted(line.substr(at + 1));
    if (key == "ID") os.id = value;
    if (key == "VERSION_ID") os.version_id = value;
    if (key == "VERSION_CODENAME") os.codename = value;
    if (key == "PRETTY_NAME") os.pretty_name = value;
    if (key != "ID_LIKE") continue;
    for (const auto id : split(value, ' ')) {
      if (!id.empty()) os.like.emplace_back(id);
    }
  }
  return os;
}

/// What the tree's own dpkg was built for; the running kernel's word where there is no dpkg.
std::string probe_arch(const HostReader& host) {
  const auto native = std::string(trim(file_text(host, "/var/lib/dpkg/arch-native")));
  auto arch =
      native.empty() ? std::string(trim(split(file_text(host, "/var/lib/dpkg/arch"), '\n').front())) : native;
  if (arch == "amd64") return "x86_64";
  if (arch == "arm64") return "aarch64";
  if (!arch.empty()) return arch;
  utsname name{};
  return ::uname(&name) == 0 ? name.machine : "";
}

Fact<std::string> probe_kernel(const HostReader& host) {
  auto release = std::string(trim(file_text(host, "/proc/sys/kernel/osrelease")));
  if (release.empty()) return Unknown{"there is no running kernel to ask in this tree"};
  return release;
}

std::string probe_hostname(const HostReader& host) {
  auto name = std::string(trim(file_text(host, "/etc/hostname")));
  if (name.empty()) name = std::string(trim(file_text(host, "/proc/sys/kernel/hostname")));
  return name;
}

/// Not the machine id itself: systemd asks programs to keep that one to themselves (machine-id(5)).
std::string probe_host_id(const HostReader& host) {
  const auto id = std::string(trim(file_text(host, "/etc/machine-id")));
  return id.empty() || id == "uninitialized" ? "" : sha256_hex("mlenvctl " + id).substr(0, 32);
}

}  // namespace

bool has_gpu(const Facts& facts) {
  const auto* gpus = known(facts.gpus);
  return gpus != nullptr && !gpus->empty();
}

bool driver_runs(const Facts& facts) {
  const auto* driver = known(facts.driver);
  return driver != nullptr && driver->status == "ok";
}

Result<Facts> probe_facts(const HostReader& host, const std::string& user) {
  const auto looking = host.stay();
  const auto name = user.empty() ? invoking_user(host) : user;
  auto account = find_user(host, name);
  if (!account) {
    return Error{"host.no-user", "there is no user `" + name + "` on this host", "name one with `--user`"};
  }
  Facts facts;
  facts.user = std::move(*account);
  facts.os = probe_os(host);
  facts.arch = probe_arch(host);
  facts.kernel = probe_kernel(host);
  facts.virt = probe_virt(host);
  facts.hostname = probe_hostname(host);
  facts.host_id = probe_host_id(host);
  facts.gpus = probe_pci_gpus(host);
  facts.driver = probe_driver(host);
  const auto packages = probe_packages(host);
  facts.cuda_toolkits = probe_cuda_toolkits(host);
  facts.cudnn = probe_cudnn(host, packages);
  facts.secure_boot = probe_secure_boot(host);
  facts.nouveau_loaded = probe_nouveau_loaded(host);
  facts.ground = probe_driver_ground(host, facts.kernel, facts.driver, packages);
  facts.pythons = probe_pythons(host, packages);
  return facts;
}

}  // namespace mlenv
