#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "compare/portrait_traits.hpp"
#include "host/dpkg_stanza.hpp"
#include "host/fact_packages.hpp"
#include "kinds/apt_sources.hpp"

namespace mlenv {
namespace {

void add_sources(const HostReader& host, std::vector<Trait>& traits) {
  const auto entries = host_sources(host);
  if (!entries) {
    traits.push_back({"apt sources", "sources", Unknown{entries.error().message}, false});
    return;
  }
  std::set<std::string> lines;
  for (const auto& entry : *entries) {
    const auto binary = std::find(entry.types.begin(), entry.types.end(), "deb") != entry.types.end();
    if (!binary) continue;
    for (const auto& uri : entry.uris) {
      for (const auto& suite : entry.suites) {
        const auto line = mask_credentials(uri) + " " + suite;
        if (lines.insert(line).second)
          traits.push_back({"apt sources", line,
                            entry.components.empty() ? std::string("-") : join(entry.components, " "),
                            uri.find("nvidia") != std::string::npos});
      }
    }
  }
}

void add_pins(const HostReader& host, std::vector<Trait>& traits) {
  const auto entries = host.list("/etc/apt/preferences.d");
  if (!entries) return;
  for (const auto& entry : *entries) {
    const auto text = host.read_file("/etc/apt/preferences.d/" + entry.name);
    if (!text || !*text) continue;
    std::vector<std::string> words;
    for (const auto line : split_lines(**text)) {
      if (!line.empty() && line.front() != '#') words.emplace_back(trim(line));
    }
    traits.push_back({"apt pins", entry.name, join(words, "; "), false});
  }
}

}  // namespace

bool is_gpu_deb(const std::string& name) {
  constexpr std::array<std::string_view, 14> beginnings = {
      "cuda",     "libcud",    "nvidia",   "libnvidia", "libnccl",     "libnv",    "libcublas",
      "libcufft", "libcurand", "libcusol", "libcuspar", "libcutensor", "tensorrt", "libnpp"};
  return is_driver_package(name) ||
         std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view each) { return std::string_view(name).starts_with(each); });
}

std::vector<Trait> apt_traits(const Sitter& sitter) {
  std::vector<Trait> traits, others;
  add_sources(sitter.host, traits);
  add_pins(sitter.host, traits);
  const auto status = sitter.host.read_file("/var/lib/dpkg/status");
  if (!status) {
    traits.push_back({"apt packages", "packages", Unknown{status.error().message}, false});
    return traits;
  }
  const auto arch = sitter.host.read_file("/var/lib/dpkg/arch");
  const auto native = dpkg_architecture(arch && *arch ? **arch : std::string(), sitter.facts.arch);
  for (const auto& package : dpkg_stanzas(status->value_or(""))) {
    if (!package.status.ends_with(" installed")) continue;
    const bool foreign = package.architecture != native && package.architecture != "all";
    const bool gpu = is_gpu_deb(package.name);
    (gpu ? traits : others)
        .push_back({"apt packages", package.name + (foreign ? ":" + package.architecture : ""),
                    package.version + (package.status.starts_with("hold ") ? " (held)" : ""), gpu});
  }
  traits.insert(traits.end(), others.begin(), others.end());
  return traits;
}

}  // namespace mlenv
