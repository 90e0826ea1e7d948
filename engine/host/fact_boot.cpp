#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

/// Names of EFI variables. Source: UEFI specification 2.10, section 3.3; shim's MokVars.txt.
constexpr const char* efi_folder = "/sys/firmware/efi";
constexpr const char* secure_boot_variable =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr const char* enrolled_keys =
    "/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";
constexpr const char* pending_keys = "/sys/firmware/efi/efivars/MokNew-605dab50-e046-4300-abb6-3dd810dd8b23";

}  // namespace

Fact<bool> probe_secure_boot(const HostReader& host) {
  if (!exists(host, "/sys/kernel")) return Unknown{"there is no /sys to look at"};
  if (!exists(host, efi_folder)) return false;  // started by a BIOS
  const auto variable = host.read_file(secure_boot_variable);
  if (!variable) return Unknown{variable.error().message};
  if (!*variable) {
    if (!exists(host, "/sys/firmware/efi/efivars")) return Unknown{"the EFI variables are not mounted"};
    return false;
  }
  constexpr std::size_t attributes = 4;  // four bytes of flags come before the value
  if ((*variable)->size() <= attributes) return Unknown{"the EFI variable SecureBoot is cut short"};
  return (**variable)[attributes] == 1;
}

Fact<bool> probe_nouveau_loaded(const HostReader& host) {
  if (!exists(host, "/sys/module")) return Unknown{"there is no /sys to look at"};
  return exists(host, "/sys/module/nouveau");
}

Fact<bool> probe_mok_enrolled(const HostReader& host) {
  std::string key;
  // Where DKMS keeps the certificate that it signs with: its own default, and Ubuntu's.
  for (const char* path : {"/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub"}) {
    const auto text = host.read_file(path);
    if (text && *text && !(*text)->empty()) key = **text;
    if (!key.empty()) break;
  }
  if (key.empty()) return Absent{};
  const auto enrolled = host.read_file(enrolled_keys);
  if (!enrolled) return Unknown{enrolled.error().message};
  return *enrolled && (*enrolled)->find(key) != std::string::npos;
}

Fact<bool> probe_mok_pending(const HostReader& host) {
  if (!exists(host, efi_folder)) return false;
  return exists(host, pending_keys);
}

}  // namespace mlenv
