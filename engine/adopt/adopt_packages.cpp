#include <algorithm>
#include <map>

#include "adopt/adopt.hpp"
#include "adopt/package_web.hpp"
#include "base/text.hpp"
#include "kinds/lint.hpp"

namespace mlenv {
namespace {

std::string text_of(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  return text && *text ? **text : std::string();
}

/// Whether apt has been told not to take what packages recommend; apt.conf(5).
bool follows_recommendations(const HostReader& host) {
  std::string settings;
  const std::string folder = "/etc/apt/apt.conf.d";
  const auto entries = host.list(folder);
  for (const auto& entry : entries ? *entries : std::vector<DirectoryEntry>())
    settings += text_of(host, join_path(folder, entry.name)) + "\n";
  settings += text_of(host, "/etc/apt/apt.conf");
  bool follows = true;
  for (const auto line : split_lines(settings)) {
    const auto at = line.find("Install-Recommends");
    if (at == std::string_view::npos || trim(line).starts_with("//") || trim(line).starts_with("#")) continue;
    const auto value = line.substr(at);
    follows = value.find("\"0\"") == value.npos && value.find("\"false\"") == value.npos &&
              value.find("\"no\"") == value.npos;
  }
  return follows;
}

/// The versions that apt's indexes have, by package; nothing where they are not there as plain text.
class Offered {
 public:
  Offered(const HostReader& host, const std::vector<std::string>& names) {
    const std::string folder = "/var/lib/apt/lists";
    const auto entries = host.list(folder);
    for (const auto& entry : entries ? *entries : std::vector<DirectoryEntry>()) {
      const bool index = entry.name.find("_Packages") != std::string::npos;
      if (!index) continue;
      const auto text = entry.name.ends_with("_Packages") ? host.read_file(join_path(folder, entry.name))
                                                          : Result<std::optional<std::string>>(Error{});
      if (!text || !*text) return;  // compressed, or not to be read
      look_through(**text, names);
      known_ = true;
    }
    whole_ = known_;
  }

  bool is_known() const { return whole_; }
  bool has(const std::string& name) const { return versions_.count(name) != 0; }
  bool has(const std::string& name, const std::string& version) const {
    const auto [first, last] = versions_.equal_range(name);
    return std::any_of(first, last, [&](const auto& each) { return each.second == version; });
  }

 private:
  void look_through(std::string_view text, const std::vector<std::string>& names) {
    for (const auto& name : names) {
      const auto line = "Package: " + name + "\n";
      for (auto at = text.find(line); at != text.npos; at = text.find(line, at + 1)) {
        if (at != 0 && text[at - 1] != '\n') continue;
        const auto stanza = text.substr(at, text.find("\n\n", at) - at);
        const auto version = stanza.find("\nVersion: ");
        if (version == stanza.npos) continue;
        const auto value = stanza.substr(version + 10);
        versions_.emplace(name, std::string(value.substr(0, value.find('\n'))));
      }
    }
  }

  bool known_ = false;
  bool whole_ = false;
  std::multimap<std::string, std::string> versions_;
};

/// What apt knows of who wanted which package.
struct Wishes {
  std::set<std::string> automatic;
  std::set<std::string> requested;

  bool is_automatic(const DpkgStanza& package, const std::string& native) const {
    const auto& architecture = package.architecture == "all" ? native : package.architecture;
    return automatic.count(package.name + ":" + architecture) != 0 ||
           automatic.count(package.name + ":" + package.architecture) != 0;
  }
};

bool is_base(const DpkgStanza& package) {
  return package.essential || package.priority == "required" || package.priority == "important";
}

class PackageSection {
 public:
  explicit PackageSection(const AdoptedHost& adopted)
      : adopted_(adopted),
        native_(dpkg_architecture(text_of(adopted.host, "/var/lib/dpkg/arch"), adopted.facts.arch)) {
    section_.title = "What was asked of apt; the rest comes along.";
  }

  DraftSection made() {
    const auto status = adopted_.host.read_file("/var/lib/dpkg/status");
    if (!status) {
      section_.notes.push_back("which packages are installed cannot be told: " + status.error().message);
      return std::move(section_);
    }
    auto stanzas = dpkg_stanzas(status->value_or(""));
    const auto gone = std::remove_if(stanzas.begin(), stanzas.end(),
                                     [&](const DpkgStanza& each) { return !take_whole(each); });
    stanzas.erase(gone, stanzas.end());
    std::stable_sort(stanzas.begin(), stanzas.end(),
                     [](const auto& one, const auto& other) { return one.name < other.name; });
    const PackageWeb web(std::move(stanzas), follows_recommendations(adopted_.host));
    declare(web, chosen(web));
    return std::move(section_);
  }

 private:
  /// Half-installed packages are a matter for a person.
  bool take_whole(const DpkgStanza& package) {
    if (package.status.ends_with(" installed") || package.status.ends_with(" triggers-pending") ||
        package.status.ends_with(" triggers-awaited"))
      return true;
    if (!package.status.ends_with(" config-files")) {
      DraftEntry entry{"apt_package", {package.name}};
      entry.doubt = "it is only half there: `" + package.status + "`";
      section_.entries.push_back(std::move(entry));
    }
    return false;
  }

  std::vector<std::size_t> chosen(const PackageWeb& web) {
    const auto& packages = web.packages();
    const Wishes wishes{automatic_packages(text_of(adopted_.host, "/var/lib/apt/extended_states")),
                        requested_packages(text_of(adopted_.host, "/var/log/apt/history.log"))};
    std::vector<bool> there(packages.size());
    std::vector<std::size_t> asked, others;
    bool told = false;
    for (std::size_t at = 0; at < packages.size(); ++at) {
      const auto& package = packages[at];
      told = told || !package.depends.empty();
      const bool held = package.status.starts_with("hold ");
      const bool wanted = !wishes.is_automatic(package, native_);
      const bool requested = wanted && wishes.requested.count(package.name) != 0;
      if (is_machines(package, wanted && (requested || !is_base(package)))) {
        web.bring(at, there);
      } else if (held || requested) {
        asked.push_back(at);
      } else if (is_base(package) || package.priority == "standard") {
        web.bring(at, there);
      } else if (wanted) {
        others.push_back(at);
      }
    }
    // A record has no dependencies, and so does not tell what brings what.
    if (!told && !others.empty()) {
      section_.notes.push_back(std::to_string(others.size()) +
                               " packages are left out: it cannot be told which were asked for");
      others.clear();
    }
    for (const auto each : asked) web.bring(each, there);
    const auto roots = web.fewest(std::move(others), there);
    asked.insert(asked.end(), roots.begin(), roots.end());
    std::sort(asked.begin(), asked.end());
    return asked;
  }

  /// Kernels, firmware and the like, which are told in a note where somebody has asked for them.
  bool is_machines(const DpkgStanza& package, bool tell) {
    for (const auto& row : adopted_.knowledge.table("machine_packages")) {
      if (!glob_match(row.text("package"), package.name)) continue;
      if (tell) machines_[row.text("why")].push_back(package.name);
      return true;
    }
    return false;
  }

  std::string name_of(const DpkgStanza& package) const {
    const bool foreign = package.architecture != native_ && package.architecture != "all";
    return package.name + (foreign ? ":" + package.architecture : "");
  }

  void declare(const PackageWeb& web, const std::vector<std::size_t>& chosen) {
    std::vector<std::string> names;
    for (const auto each : chosen) names.push_back(web.packages()[each].name);
    const Offered offered(adopted_.host, names);
    DraftEntry plain{"apt_package", {}};
    std::map<std::pair<std::string, bool>, DraftEntry> versioned;
    std::vector<DraftEntry> doubtful;
    for (const auto each : chosen) {
      const auto& package = web.packages()[each];
      const bool held = package.status.starts_with("hold ");
      const bool pinned = held || !library_of(adopted_.knowledge, package.name).empty();
      if (offered.is_known() && !offered.has(package.name)) {
        doubtful.push_back({"apt_package", {name_of(package)}});
        doubtful.back().doubt =
            "no index of apt has it here, so another machine would not find it; it is at " + package.version;
      } else if (pinned) {
        auto& entry = versioned[{package.version, held}];
        entry.kind = "apt_package";
        entry.names.push_back(name_of(package));
        if (offered.is_known() && !offered.has(package.name, package.version))
          entry.comment = "no index of apt has this version here: another machine may not find it";
      } else {
        plain.names.push_back(name_of(package));
      }
    }
    if (!plain.names.empty()) section_.entries.push_back(std::move(plain));
    for (auto& [key, entry] : versioned) {
      entry.fields.push_back({"version", literal(key.first)});
      if (key.second) entry.fields.push_back({"hold", "true"});
      section_.entries.push_back(std::move(entry));
    }
    section_.entries.insert(section_.entries.end(), doubtful.begin(), doubtful.end());
    for (const auto& [why, left] : machines_)
      section_.notes.push_back("left out, " + why + ": " + join(left, ", "));
  }

  const AdoptedHost& adopted_;
  std::string native_;
  DraftSection section_;
  std::map<std::string, std::vector<std::string>> machines_;
};

}  // namespace

DraftSection adopt_packages(const AdoptedHost& adopted) { return PackageSection(adopted).made(); }

}  // namespace mlenv
