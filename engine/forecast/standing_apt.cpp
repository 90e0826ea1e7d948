#include "forecast/standing_apt.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// What apt has installed by itself.
std::set<std::string> automatic_packages(std::string_view states) {
  std::set<std::string> names;
  std::string name;
  for (const auto line : split_lines(states)) {
    if (line.starts_with("Package: ")) name = std::string(trim(line.substr(9)));
    if (line == "Auto-Installed: 1") names.insert(name);
  }
  return names;
}

/// The stanzas of a file of dpkg's, as they stand.
std::vector<std::string_view> paragraphs_of(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const auto end = text.find("\n\n");
    all.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
  }
  return all;
}

/// The automatic ones of dpkg's packages that are there, and what each mentions.
std::map<std::string, PackageStanza> automatic_stanzas(std::string_view status, std::string_view states,
                                                       const std::vector<std::string>& roots) {
  auto wanted = automatic_packages(states);
  wanted.insert(roots.begin(), roots.end());
  std::map<std::string, PackageStanza> stanzas;
  for (const auto block : paragraphs_of(status)) {
    if (block.find(" ok installed") == std::string_view::npos) continue;
    for (auto& stanza : parse_stanzas(block)) {
      if (wanted.count(stanza.name) != 0) stanzas.emplace(stanza.name, std::move(stanza));
    }
  }
  return stanzas;
}

}  // namespace

std::map<std::string, std::string> came_along(std::string_view status, std::string_view states,
                                              const std::vector<std::string>& roots) {
  const auto stanzas = automatic_stanzas(status, states, roots);
  std::map<std::string, std::string> along;
  std::vector<std::string> open(roots.begin(), roots.end());
  std::set<std::string> seen(roots.begin(), roots.end());
  while (!open.empty()) {
    const auto found = stanzas.find(open.back());
    open.pop_back();
    if (found == stanzas.end()) continue;
    for (const auto& name : found->second.brings) {
      const auto brought = stanzas.find(name);
      if (brought == stanzas.end() || !seen.insert(name).second) continue;
      along.emplace(name, brought->second.version);
      open.push_back(name);
    }
  }
  return along;
}

std::map<std::string, std::string> origins_of(const std::vector<std::string>& installed,
                                              const ShadowApt& shadow) {
  std::map<std::string, std::string> origins;
  if (installed.empty()) return origins;
  std::vector<std::string> words = {"-s", "-o", "Debug::NoLocking=1", "install", "--reinstall", "--"};
  words.insert(words.end(), installed.begin(), installed.end());
  const auto output = shadow.run("apt-get", std::move(words));
  if (!output) return origins;
  for (const auto& each : parse_simulation(output->out)) origins.emplace(each.effect.name, each.origin);
  return origins;
}

std::vector<IndexDigest> index_digests(const ShadowApt& shadow, const HostReader& host) {
  std::vector<IndexDigest> digests;
  for (const auto& name : shadow.index_files()) {
    if (!name.ends_with("Release")) continue;
    const auto text = host.read_file(shadow.lists() + "/" + name);
    if (text && *text) digests.push_back({name, sha256_hex(**text)});
  }
  return digests;
}

}  // namespace mlenv
