#include "resource/dpkg_status.hpp"

#include "fuzz/fuzz.hpp"
#include "host/fact_packages.hpp"
#include "host/fact_probes.hpp"
#include "host/recorded_host.hpp"

namespace mlenv::fuzz {

void dpkg_status(std::string_view input) {
  const std::string text(input);
  const DpkgStatus status(std::make_shared<const StatusFile>(cut_status_file(SharedText(std::string(text)))),
                          "amd64");
  for (const char* name : {"python3", "libc6:i386", "awk", "", ":"}) {
    const auto found = status.find(name);
    hold(!found || std::string_view(name).starts_with(found->name), "a package is found by its name");
    const auto provider = status.provider(name);
    hold(!provider || provider->is_installed(), "what provides a name is installed");
  }
  const auto host = recorded_reader({{"/var/lib/dpkg/status", {FileType::file, text}},
                                     {"/usr/bin/python3.11", {FileType::file, {}, 0755}},
                                     {"/usr/bin/python3", {FileType::symlink, "python3.11"}}});
  const auto packages = probe_packages(*host);
  probe_cudnn(*host, packages);
  probe_unattended_upgrades(*host, packages);
  hold(probe_pythons(*host, packages).size() == 1, "a Python that is there is found");
}

}  // namespace mlenv::fuzz
