#include "resource/python_site.hpp"

#include <algorithm>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::string_view dist_info = ".dist-info";
constexpr std::string_view egg_info = ".egg-info";

/// `numpy-1.26.4` or, of an egg, `PyGObject-3.42.2-py3.11`; the version is empty where the name does not tell
/// it.
Distribution from_stem(std::string_view stem, std::string folder, bool egg) {
  const auto dash = egg ? stem.find('-') : stem.rfind('-');
  Distribution found{canonical_project_name(stem.substr(0, dash)), {}, std::move(folder)};
  if (dash == std::string_view::npos) return found;
  auto version = stem.substr(dash + 1);
  if (egg) version = version.substr(0, version.find('-'));
  if (PepVersion::parse(version)) found.version = std::string(version);
  return found;
}

/// What the folder's name does not tell is in its metadata.
void complete(const HostReader& host, Distribution& found) {
  for (const auto& path :
       {join_path(found.folder, "METADATA"), join_path(found.folder, "PKG-INFO"), found.folder}) {
    const auto text = host.read_file(path);
    if (!text || !*text) continue;
    const auto names = metadata_values(**text, "Name");
    const auto versions = metadata_values(**text, "Version");
    if (!names.empty()) found.name = canonical_project_name(names.front());
    if (!versions.empty()) found.version = versions.front();
    return;
  }
}

std::optional<Distribution> read_entry(const HostReader& host, const std::string& folder,
                                       const std::string& entry) {
  // pip renames what it is about to remove to `~umpy…`; Python does not see these.
  if (entry.empty() || entry.front() == '~') return std::nullopt;
  const bool egg = entry.ends_with(egg_info);
  if (!egg && !entry.ends_with(dist_info)) return std::nullopt;
  const auto stem = std::string_view(entry).substr(0, entry.size() - (egg ? egg_info : dist_info).size());
  auto found = from_stem(stem, join_path(folder, entry), egg);
  if (found.version.empty()) complete(host, found);
  return found;
}

bool is_dist_info(const Distribution& found) { return found.folder.ends_with(dist_info); }

void add(Distributions& all, Distribution found) {
  const auto [place, fresh] = all.emplace(found.name, found);
  if (fresh) return;
  auto& first = place->second;
  if (is_dist_info(first) && is_dist_info(found)) {
    first.repeats.push_back(std::move(found.folder));
  } else if (!is_dist_info(first) && is_dist_info(found)) {
    first = std::move(found);
  }
}

}  // namespace

std::vector<std::string> metadata_values(std::string_view metadata, std::string_view key) {
  std::vector<std::string> values;
  bool ours = false;
  for (const auto line : split_lines(metadata)) {
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (ours) values.back() += " " + std::string(trim(line));
      continue;
    }
    const auto colon = line.find(':');
    ours = colon != std::string_view::npos && to_lower(line.substr(0, colon)) == to_lower(key);
    if (ours) values.emplace_back(trim(line.substr(colon + 1)));
  }
  return values;
}

Result<Distributions> read_distributions(const HostReader& host, const std::string& folder) {
  const auto entries = host.list(folder);
  if (!entries) return entries.error();
  Distributions all;
  for (const auto& entry : *entries) {
    if (auto found = read_entry(host, folder, entry.name)) add(all, std::move(*found));
  }
  return all;
}

std::string python_minor(std::string_view version) {
  const auto first = version.find('.');
  if (first == std::string_view::npos) return std::string(version);
  return std::string(version.substr(0, version.find_first_not_of("0123456789", first + 1)));
}

std::vector<std::string> own_site_folders(const HostReader& host, const std::string& prefix,
                                          const std::string& minor) {
  std::vector<std::string> folders = {prefix + "/lib/python" + minor + "/site-packages"};
  const auto lib64 = host.stat(prefix + "/lib64", Links::keep);
  if (lib64 && *lib64 && (*lib64)->type == FileType::directory) {
    folders.push_back(prefix + "/lib64/python" + minor + "/site-packages");
  }
  return folders;
}

std::vector<std::string> system_site_folders(const std::string& base, const std::string& minor) {
  std::vector<std::string> folders;
  if (base == "/usr") {  // Debian's Pythons: what apt brings, and what root's pip has put beside it
    folders = {"/usr/local/lib/python" + minor + "/dist-packages", "/usr/lib/python3/dist-packages",
               "/usr/lib/python" + minor + "/dist-packages"};
  }
  folders.push_back(base + "/lib/python" + minor + "/site-packages");
  return folders;
}

Result<Distributions> read_all_distributions(const HostReader& host,
                                             const std::vector<std::string>& folders) {
  Distributions all;
  for (const auto& folder : folders) {
    auto some = read_distributions(host, folder);
    if (!some) return some.error();
    all.merge(*some);
  }
  return all;
}

}  // namespace mlenv
