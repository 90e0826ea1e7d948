#include <algorithm>

#include "base/text.hpp"
#include "host/fact_probes.hpp"

namespace mlenv {
namespace {

/// apt.conf(5) without its comments.
std::string without_comments(const std::string& text) {
  std::string made;
  for (const auto line : split_lines(text)) {
    const auto start = trim(line);
    if (start.starts_with("//") || start.starts_with("#")) continue;
    const auto comment = line.find("//");
    made += std::string(comment == std::string_view::npos ? line : line.substr(0, comment)) + "\n";
  }
  return made;
}

/// `APT::Periodic::Unattended-Upgrade "1";`: the last file that says it wins.
void read_periodic(const std::string& text, bool& on) {
  const std::string name = "Unattended-Upgrade \"";
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const auto value = text.substr(at + name.size(), 1);
    on = value != "0" && value != "\"";
  }
}

/// Whether the blacklist, a list of regular expressions, has one that begins like the driver's packages.
bool spares_driver(const std::string& text) {
  const auto at = text.find("Package-Blacklist");
  if (at == std::string::npos) return false;
  const auto list = text.substr(at, text.find('}', at) - at);
  for (const char* each : {"\"nvidia", "\"^nvidia", "\"libnvidia", "\".*nvidia", "\"*nvidia"}) {
    if (list.find(each) != std::string::npos) return true;
  }
  return false;
}

/// The value of a field of a stanza of apt's history.
std::string field(std::string_view stanza, std::string_view name) {
  for (const auto line : split_lines(stanza)) {
    if (line.starts_with(name)) return std::string(trim(line.substr(name.size())));
  }
  return {};
}

/// The first driver package of `a:amd64 (1, 2), b:amd64 (3, 4)`.
std::optional<DriverUpgrade> driver_in(const std::string& packages) {
  std::string_view rest = packages;
  while (!rest.empty()) {
    const auto close = rest.find(')');
    const auto open = rest.find('(');
    if (close == std::string_view::npos || open == std::string_view::npos || open > close) break;
    const auto name = trim(rest.substr(0, open));
    const auto versions = rest.substr(open + 1, close - open - 1);
    const auto comma = versions.find(", ");
    if (is_driver_package(name) && comma != std::string_view::npos) {
      const auto to = versions.substr(comma + 2);
      return DriverUpgrade{{},
                           {},
                           std::string(name.substr(0, name.find(':'))),
                           std::string(versions.substr(0, comma)),
                           std::string(to.substr(0, to.find(',')))};
    }
    rest = rest.substr(close + 1);
    rest = rest.substr(std::min(rest.find_first_not_of(", "), rest.size()));
  }
  return std::nullopt;
}

}  // namespace

Fact<bool> probe_unattended_upgrades(const HostReader& host, const Fact<std::vector<FactPackage>>& packages) {
  const auto* installed = known(packages);
  if (installed == nullptr) return Unknown{"dpkg's database could not be read"};
  const bool there = std::any_of(installed->begin(), installed->end(),
                                 [](const FactPackage& each) { return each.name == "unattended-upgrades"; });
  if (!there) return false;
  const std::string folder = "/etc/apt/apt.conf.d";
  const auto entries = host.list(folder);
  if (!entries) return Unknown{entries.error().message};
  bool on = false, spared = false;
  for (const auto& entry : *entries) {
    const auto text = host.read_file(join_path(folder, entry.name));
    if (!text || !*text) continue;
    const auto settings = without_comments(**text);
    read_periodic(settings, on);
    spared = spared || spares_driver(settings);
  }
  return on && !spared;
}

Fact<DriverUpgrade> probe_last_upgrade(const HostReader& host) {
  const auto log = host.read_file("/var/log/apt/history.log");
  if (!log) return Unknown{log.error().message};
  if (!*log) return Absent{};
  Fact<DriverUpgrade> last = Absent{};
  std::string_view rest = **log;
  while (!rest.empty()) {
    const auto end = rest.find("\n\n");
    const auto stanza = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    auto found = driver_in(field(stanza, "Upgrade: "));
    if (!found) continue;
    found->when = field(stanza, "Start-Date: ");
    found->by = field(stanza, "Commandline: ");
    if (found->by.find("unattended-upgrade") != std::string::npos) found->by = "unattended-upgrades";
    last = *found;
  }
  return last;
}

}  // namespace mlenv
