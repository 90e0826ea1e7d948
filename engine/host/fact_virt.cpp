#include <array>

#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

std::string lower_text(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  return text && *text ? to_lower(trim(**text)) : std::string();
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

bool is_container(const HostReader& host) {
  if (exists(host, "/.dockerenv") || exists(host, "/run/.containerenv") ||
      exists(host, "/run/systemd/container"))
    return true;
  if (contains(lower_text(host, "/proc/1/environ"), "container=")) return true;
  const auto groups = lower_text(host, "/proc/1/cgroup");
  for (const char* mark : {"/docker", "/lxc", "/kubepods", "/containerd", "/podman"}) {
    if (contains(groups, mark)) return true;
  }
  return false;
}

/// DMI's names of virtual machines. Source: systemd, src/basic/virt.c, and the vendors' own documentation.
bool is_virtual_machine(const HostReader& host) {
  const auto vendor = lower_text(host, "/sys/class/dmi/id/sys_vendor");
  const auto product = lower_text(host, "/sys/class/dmi/id/product_name");
  static constexpr std::array<std::string_view, 10> names = {
      "qemu", "kvm",   "vmware",    "virtualbox",     "innotek",
      "xen",  "bochs", "parallels", "google compute", "amazon ec2"};
  for (const auto name : names) {
    if (contains(vendor, name) || contains(product, name)) return true;
  }
  if (contains(vendor, "microsoft") && contains(product, "virtual machine")) return true;
  return contains(lower_text(host, "/proc/cpuinfo"), " hypervisor");
}

}  // namespace

Fact<std::string> probe_virt(const HostReader& host) {
  const auto kernel = lower_text(host, "/proc/version");
  if (contains(kernel, "microsoft")) return std::string("wsl2");
  if (is_container(host)) return std::string("container");
  if (is_virtual_machine(host)) return std::string("vm");
  if (kernel.empty()) return Unknown{"there is no running kernel to ask in this tree"};
  return std::string("metal");
}

}  // namespace mlenv
