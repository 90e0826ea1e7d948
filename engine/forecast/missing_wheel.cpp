#include "forecast/missing_wheel.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace mlenv {
namespace {

bool is_file_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-+%!").find(c) != std::string_view::npos;
}

/// A file of an index, taken apart; format: PyPA's binary distribution format, "File name convention".
struct IndexFile {
  std::string project;
  PepVersion version;
  std::string python, platform;  ///< tags; empty of a source
};

std::optional<IndexFile> take_apart(const std::string& file) {
  const bool wheel = file.ends_with(".whl");
  const auto stem =
      file.ends_with(".tar.gz") ? file.substr(0, file.size() - 7) : file.substr(0, file.size() - 4);
  const auto parts = split(stem, '-');
  if (parts.size() < (wheel ? 5U : 2U)) return std::nullopt;
  const auto last = parts.size() - 1;
  const auto version = PepVersion::parse(wheel ? parts[1] : parts[last]);
  if (!version) return std::nullopt;
  const auto name = wheel ? std::string(parts[0]) : stem.substr(0, stem.size() - parts[last].size() - 1);
  return IndexFile{canonical_project_name(name), *version,
                   wheel ? std::string(parts[last - 2]) : std::string(),
                   wheel ? std::string(parts[last]) : std::string()};
}

std::string few(const std::set<std::string>& all) {
  constexpr std::size_t shown = 8;
  std::vector<std::string> names(all.begin(), all.end());
  const bool more = names.size() > shown;
  if (more) names.resize(shown);
  return join(names, ", ") + (more ? ", …" : "");
}

std::string nearest(const std::vector<IndexFile>& files) {
  std::vector<PepVersion> versions;
  for (const auto& file : files) {
    if (std::find(versions.begin(), versions.end(), file.version) == versions.end())
      versions.push_back(file.version);
  }
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) { return b < a; });
  constexpr std::size_t shown = 6;
  std::vector<std::string> names;
  for (const auto& version : versions) {
    if (names.size() < shown) names.push_back(version.str());
  }
  return join(names, ", ") + (versions.size() > shown ? ", …" : "");
}

}  // namespace

std::vector<std::string> offered_files(const std::string& page, const std::string& project) {
  std::set<std::string> files;
  for (const char* ending : {".whl", ".tar.gz", ".zip"}) {
    for (auto at = page.find(ending); at != std::string::npos; at = page.find(ending, at + 1)) {
      auto begin = at;
      while (begin > 0 && is_file_character(page[begin - 1])) --begin;
      auto file = replace_all(page.substr(begin, at + std::string_view(ending).size() - begin), "%2B", "+");
      const auto parts = take_apart(file);
      if (parts && parts->project == project) files.insert(std::move(file));
    }
  }
  return {files.begin(), files.end()};
}

MissingWheel explain_missing_wheel(const PepRequirement& wanted, const std::vector<std::string>& names,
                                   const std::string& python, const std::string& machine) {
  std::vector<IndexFile> all, fitting;
  for (const auto& name : names) {
    if (auto file = take_apart(name)) all.push_back(std::move(*file));
  }
  for (const auto& file : all) {
    if (wanted.specifiers.contains(file.version)) fitting.push_back(file);
  }
  const auto asked = "`" + wanted.str() + "`";
  if (all.empty()) {
    return {{"pip.no-match", "no source offers a package `" + wanted.name + "`",
             "the name, the index or `find_links` may be another than meant"},
            false};
  }
  if (fitting.empty())
    return {{"pip.no-match", "no version of " + asked + " is offered", "there are: " + nearest(all)}, false};
  std::set<std::string> pythons, platforms;
  for (const auto& file : fitting) {
    if (file.python.empty()) continue;
    for (const auto tag : split(file.python, '.')) pythons.emplace(tag);
    for (const auto tag : split(file.platform, '.')) platforms.emplace(tag);
  }
  if (pythons.empty()) {
    return {{"pip.no-wheel", asked + " is offered as source only: pip builds it when it is installed",
             "building needs what the package itself asks for, often `apt_package: [build-essential, "
             "python3-dev]`"},
            true};
  }
  const bool source =
      std::any_of(fitting.begin(), fitting.end(), [](const auto& file) { return file.python.empty(); });
  return {{"pip.no-wheel",
           asked + " has no wheel for Python " + (python.empty() ? "of this venv" : python) + " on " +
               machine + " with this C library: its wheels are for " + few(pythons) + " on " + few(platforms),
           source ? "pip would build it from source"
                  : "take another version of it, or another Python for the venv"},
          source};
}

}  // namespace mlenv
