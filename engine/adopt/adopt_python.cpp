#include <algorithm>
#include <nlohmann/json.hpp>

#include "adopt/adopt.hpp"
#include "adopt/python_web.hpp"
#include "base/text.hpp"
#include "host/json_text.hpp"
#include "kinds/distribution_check.hpp"
#include "kinds/python_environment.hpp"
#include "knowledge/candidate.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

/// The version of a wheel that the Python puts into every new venv; empty where it brings none of that name.
std::string bundled_version(const HostReader& host, const std::string& base, const std::string& minor,
                            const std::string& project) {
  for (const auto& folder :
       {base + "/lib/python" + minor + "/ensurepip/_bundled", std::string("/usr/share/python-wheels")}) {
    const auto entries = host.list(folder);
    for (const auto& entry : entries ? *entries : std::vector<DirectoryEntry>()) {
      if (!entry.name.starts_with(project + "-") || !entry.name.ends_with(".whl")) continue;
      const auto version = entry.name.substr(project.size() + 1);
      return version.substr(0, version.find('-'));
    }
  }
  return {};
}

std::string local_label(const std::string& version) {
  const auto plus = version.find('+');
  return plus == std::string::npos ? std::string() : version.substr(plus + 1);
}

/// Where PyTorch's builds of a label are, by the tables.
std::optional<DraftField> torch_source(const AdoptedHost& adopted, const Distributions& packages) {
  const auto torch = packages.find("torch");
  if (torch == packages.end()) return std::nullopt;
  for (const auto& each : candidates_of(adopted.knowledge, "torch")) {
    const auto& build = each.selection;
    if (build.version + "+" + build.accelerator != torch->second.version) continue;
    const char* name = build.from == BuildFrom::find_links    ? "find_links"
                       : build.from == BuildFrom::extra_index ? "extra_index_urls"
                                                              : "index_url";
    return DraftField{name, literal(build.index)};
  }
  return std::nullopt;
}

/// What was installed into one site, as declarations of pip packages.
class PipSection {
 public:
  PipSection(const AdoptedHost& adopted, const PythonWeb& web, DraftField where)
      : adopted_(adopted), web_(web), where_(std::move(where)) {}

  void declare(const std::set<std::string>& given, DraftSection& section) {
    const auto source = torch_source(adopted_, web_.packages());
    const auto torch = web_.packages().find("torch");
    const auto torch_label =
        torch == web_.packages().end() ? std::string() : local_label(torch->second.version);
    DraftEntry plain{"pip_package", {}, {where_}}, labelled{"pip_package", {}, {where_}};
    if (source) labelled.fields.push_back(*source);
    std::vector<DraftEntry> doubtful;
    for (const auto& each : web_.wanted(given)) {
      const auto& package = web_.packages().at(each.name);
      const auto label = local_label(package.version);
      const auto text = requirement(each, package);
      auto why = doubt_of(package);
      if (why.empty() && !label.empty() && (!source || label != torch_label) && url_of(package).empty())
        why = "where a build with the label `+" + label +
              "` comes from cannot be told: `index_url` or `find_links` says it";
      if (!why.empty()) {
        doubtful.push_back({"pip_package", {text}, {where_}, {}, why});
      } else {
        (label.empty() || !source ? plain : labelled).names.push_back(text);
      }
    }
    // The build with the label goes first: what needs it then takes no other.
    for (auto* entry : {&labelled, &plain}) {
      if (!entry->names.empty()) section.entries.push_back(std::move(*entry));
    }
    section.entries.insert(section.entries.end(), doubtful.begin(), doubtful.end());
  }

 private:
  std::string url_of(const Distribution& package) const { return installed_url(adopted_.host, package); }

  std::string requirement(const WantedDistribution& wanted, const Distribution& package) const {
    const auto extras = wanted.extras.empty() ? std::string() : "[" + join(wanted.extras, ",") + "]";
    const auto url = url_of(package);
    if (!url.empty()) return literal(wanted.name + extras + " @ " + url);
    const char* equals = PepVersion::parse(package.version) ? "==" : "===";
    return literal(wanted.name + extras + equals + package.version);
  }

  /// Why another machine could not have it, or this one not have it again.
  std::string doubt_of(const Distribution& package) const {
    const auto text = adopted_.host.read_file(join_path(package.folder, "direct_url.json"));
    if (!text || !*text) return {};
    const auto document = parse_json(**text);
    if (document.is_object() && document.contains("dir_info"))
      return "it was installed from a folder of this machine (" + url_of(package) + ")";
    if (url_of(package).starts_with("file:")) return "it was installed from a file of this machine";
    return {};
  }

  const AdoptedHost& adopted_;
  const PythonWeb& web_;
  DraftField where_;
};

/// The Python of a venv: its version, and the prefix that it was made from.
struct VenvPython {
  VenvConfig config;
  std::string version, base, minor;
};

VenvPython python_of(const HostReader& host, const std::string& path) {
  VenvPython python;
  const auto text = host.read_file(venv_config_path(path));
  if (text && *text) python.config = parse_venv_config(**text);
  python.version = python.config.version;
  const auto entries = host.list(path + "/lib");
  for (const auto& entry : entries ? *entries : std::vector<DirectoryEntry>()) {
    if (python.version.empty() && entry.name.starts_with("python3.")) python.version = entry.name.substr(6);
  }
  python.base = parent_path(python.config.home);
  python.minor = python_minor(python.version);
  return python;
}

/// What every new venv of that Python has, which nobody has to ask for.
std::set<std::string> given_packages(const HostReader& host, const VenvPython& python,
                                     const Distributions& packages) {
  std::set<std::string> given = {"pip", "pkg-resources"};
  for (const char* name : {"setuptools", "wheel"}) {
    const auto found = packages.find(name);
    if (found != packages.end() &&
        bundled_version(host, python.base, python.minor, name) == found->second.version)
      given.insert(name);
  }
  return given;
}

DraftEntry venv_entry(const AdoptedHost& adopted, const std::string& path, const std::string& name,
                      const VenvPython& python, const Distributions& packages) {
  DraftEntry entry{"venv", {name}};
  entry.fields.push_back({"path", recipe_path(path, adopted.facts.user)});
  if (!python.minor.empty()) entry.fields.push_back({"python", python.minor});
  if (python.config.system_site_packages) entry.fields.push_back({"system_site_packages", "true"});
  const auto pip = packages.find("pip");
  if (pip != packages.end() &&
      pip->second.version != bundled_version(adopted.host, python.base, python.minor, "pip"))
    entry.fields.push_back({"pip", literal(pip->second.version)});
  if (!python.base.empty() && python.base != "/usr")
    entry.comment = "Its Python is that of " + recipe_path(python.base, adopted.facts.user) +
                    ", which this recipe does not bring.";
  return entry;
}

}  // namespace

DraftSection adopt_venv(const AdoptedHost& adopted, const std::string& path, const std::string& name) {
  const auto& host = adopted.host;
  DraftSection section{"The venv " + recipe_path(path, adopted.facts.user) +
                       ", and what was asked of pip for it."};
  const auto python = python_of(host, path);
  auto packages = read_all_distributions(host, own_site_folders(host, path, python.minor));
  if (!packages) {
    section.notes.push_back("what is in it cannot be told: " + packages.error().message);
    packages = Distributions();
  }
  section.entries.push_back(venv_entry(adopted, path, name, python, *packages));
  const auto given = given_packages(host, python, *packages);
  const PythonWeb web(host, std::move(*packages), linux_markers(python.version, adopted.facts.arch));
  PipSection(adopted, web, {"venv", name}).declare(given, section);
  return section;
}

DraftSection adopt_user_packages(const AdoptedHost& adopted) {
  DraftSection section{"What was asked of pip for the user's own Python, without a venv."};
  if (adopted.facts.pythons.empty()) return section;
  const auto& python = adopted.facts.pythons.front();
  const auto site =
      adopted.facts.user.home + "/.local/lib/python" + python_minor(python.version) + "/site-packages";
  auto packages = read_distributions(adopted.host, site);
  if (!packages || packages->empty()) return section;
  const PythonWeb web(adopted.host, std::move(*packages), linux_markers(python.version, adopted.facts.arch));
  PipSection(adopted, web, {"user", "true"}).declare({}, section);
  return section;
}

}  // namespace mlenv
