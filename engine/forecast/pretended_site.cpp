#include "forecast/pretended_site.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::uint64_t largest_metadata = std::uint64_t{4} * 1024 * 1024;

/// The file that holds what pip wants to know; empty where there is none that may be copied.
std::string metadata_file(const HostReader& host, const Distribution& found) {
  for (const auto& path : {found.folder + "/METADATA", found.folder + "/PKG-INFO", found.folder}) {
    const auto stat = host.stat(path, Links::follow);
    const bool file = stat && *stat && (*stat)->type == FileType::file;
    if (file && (*stat)->size <= largest_metadata) return path;
  }
  return {};
}

}  // namespace

Result<Done> PretendedSite::add_coming(const ReportedWheel& each) const {
  const auto info =
      folder_ + "/" + replace_all(each.wheel.name, "-", "_") + "-" + each.wheel.version + ".dist-info";
  auto done = writer_.make_directory(info, 0755, {}, privilege_);
  if (!done) return done;
  return writer_.write_file({info + "/METADATA", minimal_metadata(each), 0644, {}, privilege_});
}

/// One folder for each site folder, behind a colon each.
std::string PretendedSite::copy(const Distributions& installed,
                                const std::vector<ReportedWheel>& coming) const {
  const auto to = folder_ + "/standing";
  std::vector<std::string> words = {"cp", "-L", "--parents", "-t", to, "--"};
  std::set<std::string> folders;
  for (const auto& entry : installed) {
    const auto& found = entry.second;
    const bool replaced = std::any_of(coming.begin(), coming.end(), [&](const ReportedWheel& each) {
      return each.wheel.name == found.name;
    });
    auto file = replaced ? std::string() : metadata_file(host_, found);
    if (file.empty()) continue;
    words.push_back(std::move(file));
    folders.insert(parent_path(found.folder));
  }
  if (folders.empty()) return {};
  if (!writer_.make_directory(to, 0755, {}, privilege_)) return {};
  const auto copied =
      writer_.run({std::move(words), of_the_system(), privilege_, std::chrono::seconds(60)}, {});
  if (!copied) return {};
  std::string path;
  for (const auto& folder : folders) path += ":" + to + folder;
  return path;
}

Result<std::string> PretendedSite::lay(const Distributions& installed,
                                       const std::vector<ReportedWheel>& coming) const {
  static_cast<void>(writer_.remove(folder_, Depth::tree, privilege_));
  for (const auto& each : coming) {
    if (auto done = add_coming(each); !done) return done.error();
  }
  return folder_ + copy(installed, coming);
}

}  // namespace mlenv
