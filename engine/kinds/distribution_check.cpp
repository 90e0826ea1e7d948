#include "kinds/distribution_check.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/pep_marker.hpp"
#include "base/text.hpp"
#include "host/json_text.hpp"

namespace mlenv {
namespace {

struct RecordLine {
  std::string path;
  std::string size;
};

/// A row `path,hash,size`; a path with commas stands in quotes.
RecordLine read_record_line(std::string_view line) {
  const auto size_comma = line.rfind(',');
  if (size_comma == std::string_view::npos) return {std::string(line), {}};
  RecordLine row{{}, std::string(line.substr(size_comma + 1))};
  auto path = line.substr(0, size_comma);
  path = path.substr(0, path.rfind(','));
  if (path.size() > 1 && path.front() == '"' && path.back() == '"') path = path.substr(1, path.size() - 2);
  row.path = replace_all(std::string(path), "\"\"", "\"");
  return row;
}

bool is_module(const std::string& path) {
  return path.ends_with(".py") || path.ends_with(".so") || path.find(".so.") != std::string::npos;
}

/// Compares files with their rows, those of one folder that follow each other at once.
class FolderCheck {
 public:
  FolderCheck(const HostReader& host, std::vector<std::string>& changed) : host_(host), changed_(changed) {}

  std::optional<Error> add(const std::string& path, RecordLine row) {
    auto folder = parent_path(path);
    if (folder != folder_) {
      if (auto failure = finish()) return failure;
      folder_ = std::move(folder);
    }
    names_.push_back(path.substr(path.rfind('/') + 1));
    rows_.push_back(std::move(row));
    return std::nullopt;
  }

  std::optional<Error> finish() {
    if (rows_.empty()) return std::nullopt;
    const auto stats = host_.stat_entries(folder_, names_);
    if (!stats) return stats.error();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto& stat = (*stats)[i];
      const bool same = stat && (rows_[i].size.empty() || std::to_string(stat->size) == rows_[i].size);
      if (!same) changed_.push_back(std::move(rows_[i].path));
    }
    names_.clear();
    rows_.clear();
    return std::nullopt;
  }

 private:
  const HostReader& host_;
  std::vector<std::string>& changed_;
  std::string folder_;
  std::vector<std::string> names_;
  std::vector<RecordLine> rows_;
};

/// What no recipe can foresee the value of: a dependency that hangs on it is not judged.
bool hangs_on_unknown(const std::string& marker) {
  constexpr std::array<const char*, 3> unknown = {"platform_release", "platform_version",
                                                  "implementation_version"};
  return std::any_of(unknown.begin(), unknown.end(),
                     [&](const char* name) { return marker.find(name) != std::string::npos; });
}

constexpr std::size_t most_extras = 300;  // whoever has written the metadata, looking at it comes to an end

/// Collects what is not there, through extras that name further extras of the same package.
class DependencyWalk {
 public:
  DependencyWalk(const EnvironmentState& environment, MarkerEnvironment markers, std::string self)
      : environment_(environment), markers_(std::move(markers)), self_(std::move(self)) {}

  /// `extra` of the package, and those that it leads to.
  void visit(const std::vector<PepRequirement>& dependencies, const std::string& extra) {
    for (open_ = {extra}; !open_.empty() && visited_.size() < most_extras;) {
      const auto next = std::move(open_.back());
      open_.pop_back();
      if (!visited_.insert(next).second) continue;
      for (const auto& dependency : dependencies) {
        if (wanted(dependency, next)) note(dependency);
      }
    }
  }
  const UnmetDependencies& unmet() const { return unmet_; }

 private:
  bool wanted(const PepRequirement& dependency, const std::string& extra) {
    if (hangs_on_unknown(dependency.marker)) return false;
    markers_["extra"] = "";
    const bool always = dependency.applies(markers_);
    if (extra.empty()) return always;
    markers_["extra"] = extra;
    return !always && dependency.applies(markers_);
  }

  void note(const PepRequirement& dependency) {
    const auto name = dependency.canonical_name();
    if (name == self_) {
      open_.insert(open_.end(), dependency.extras.rbegin(), dependency.extras.rend());
      return;
    }
    const auto* installed = environment_.find(name);
    if (installed == nullptr) {
      add_new(unmet_.missing, name);
      return;
    }
    const auto version = PepVersion::parse(installed->version);
    if (!version || dependency.specifiers.contains(*version)) return;
    add_new(unmet_.unfit, name + dependency.specifiers.str() + " (" + installed->version + " is installed)");
  }

  static void add_new(std::vector<std::string>& all, std::string one) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(std::move(one));
  }

  const EnvironmentState& environment_;
  MarkerEnvironment markers_;
  std::string self_;
  std::set<std::string> visited_;
  std::vector<std::string> open_;  ///< extras that are still to be visited
  UnmetDependencies unmet_;
};

std::string without_credentials(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto begin = scheme + 3;
  const auto slash = std::min(url.find('/', begin), url.size());
  const auto sign = url.substr(begin, slash - begin).rfind('@');
  return sign == std::string::npos ? url : url.substr(0, begin) + url.substr(begin + sign + 1);
}

std::string plain_url(const std::string& url) { return without_credentials(url.substr(0, url.find('#'))); }

std::string text_of(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Result<RecordedFiles> check_files(const HostReader& host, const Distribution& package) {
  RecordedFiles files;
  if (!package.folder.ends_with(".dist-info")) return files;
  const auto record = host.read_file(join_path(package.folder, "RECORD"));
  if (!record) return record.error();
  files.recorded = record->has_value();
  if (!files.recorded) return files;
  const auto site = parent_path(package.folder);
  FolderCheck check(host, files.changed);
  for (const auto line : split_lines(**record)) {
    auto row = read_record_line(line);
    if (!is_module(row.path)) continue;
    const auto path = normal_path(site + "/" + row.path);
    if (auto failure = check.add(path, std::move(row))) return *failure;
  }
  if (auto failure = check.finish()) return *failure;
  return files;
}

UnmetDependencies unmet_dependencies(const HostReader& host, const EnvironmentState& environment,
                                     const Distribution& package, const std::vector<std::string>& extras,
                                     const MarkerEnvironment& markers) {
  const auto metadata = host.read_file(join_path(package.folder, "METADATA"));
  if (!metadata || !*metadata) return {};
  std::vector<PepRequirement> dependencies;
  for (const auto& text : metadata_values(**metadata, "Requires-Dist")) {
    if (auto parsed = PepRequirement::parse(text)) dependencies.push_back(std::move(*parsed));
  }
  DependencyWalk walk(environment, markers, package.name);
  if (environment.own.count(package.name) != 0) walk.visit(dependencies, "");
  for (const auto& extra : extras) walk.visit(dependencies, extra);
  return walk.unmet();
}

std::string installed_url(const HostReader& host, const Distribution& package) {
  const auto text = host.read_file(join_path(package.folder, "direct_url.json"));
  if (!text || !*text) return {};
  const auto document = parse_json(**text);
  if (!document.is_object()) return {};
  auto url = plain_url(text_of(document, "url"));
  const auto version_control = document.find("vcs_info");
  if (version_control == document.end() || !version_control->is_object()) return url;
  const auto revision = text_of(*version_control, "requested_revision");
  return text_of(*version_control, "vcs") + "+" + url + (revision.empty() ? "" : "@" + revision);
}

bool came_from(const std::string& url, const std::string& recorded, const std::string& version) {
  const auto wanted = plain_url(url);
  if (!recorded.empty()) return recorded == wanted;
  if (!wanted.ends_with(".whl")) return true;
  const auto parts = split(std::string_view(wanted).substr(wanted.rfind('/') + 1), '-');
  if (parts.size() < 2) return true;
  const auto named = PepVersion::parse(replace_all(std::string(parts[1]), "%2B", "+"));
  const auto installed = PepVersion::parse(version);
  return !named || !installed || *named == *installed;
}

}  // namespace mlenv
