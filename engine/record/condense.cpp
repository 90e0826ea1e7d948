#include "record/condense.hpp"

#include <algorithm>

#include "base/openpgp.hpp"
#include "base/text.hpp"
#include "kinds/distribution_check.hpp"
#include "record/content_rules.hpp"
#include "record/secrets.hpp"
#include "resource/rpm_database.hpp"
#include "resource/systemd_unit.hpp"

namespace mlenv {
namespace {

constexpr std::size_t largest_file = std::size_t{64} * 1024;
constexpr unsigned world_readable = 04;

/// Turns what was seen into a record, path by path.
class Condenser {
 public:
  Condenser(SeenHost seen, const HostReader& host, const Facts& facts, const RecordLimits& limits)
      : seen_(std::move(seen)), host_(host), limits_(limits) {
    accounts_ = {{0, facts.user.uid}, limits.users};
    for (const auto& [path, seen_path] : seen_.paths) {
      if (seen_path.stat) accounts_.ids.insert(seen_path.stat->uid);
    }
    result_.facts = facts;
    result_.open = true;
  }

  RecordedHost run() {
    find_changed_modules();
    find_oldest_start();
    for (const auto& [path, seen] : seen_.paths) {
      if (!is_uninteresting(path)) result_.files.emplace(path, recorded(path, seen));
    }
    for (const auto& path : seen_.absent) {
      // Below what is absent all is absent; and the names in RECORD that are gone stand there.
      const bool said = seen_.absent.count(parent_path(path)) != 0 || is_told_by_listing(path);
      if (!said && !is_uninteresting(path)) result_.absent.insert(path);
    }
    for (const auto& [command, output] : seen_.answers)
      result_.answers[command] = condensed_answer(command, output);
    return std::move(result_);
  }

 private:
  void find_changed_modules() {
    for (const auto& [path, seen] : seen_.paths) {
      if (!seen.content || content_kind(seen, path) != Content::installed) continue;
      const auto files = check_files(host_, Distribution{{}, {}, parent_path(path)});
      if (!files) continue;
      changed_[path] = files->changed;
      const auto site = parent_path(parent_path(path));
      for (const auto& each : files->changed) keep_.insert(normal_path(site + "/" + each));
    }
  }

  void find_oldest_start() {
    for (const auto& [path, seen] : seen_.paths) {
      if (!seen.stat || !is_start_of_service(path)) continue;
      const auto since = time_of(*seen.stat);
      oldest_start_ = std::min(oldest_start_.value_or(since), since);
    }
  }
  /// Times are nobody's business, but for what a service may not have seen yet.
  bool tells_time(const std::string& path, const FileStat& stat) const {
    if (is_start_of_service(path)) return true;
    const bool lasting =
        !path.starts_with("/proc/") && !path.starts_with("/sys/") && !path.starts_with("/run/");
    return oldest_start_ && time_of(stat) > *oldest_start_ && lasting &&
           (stat.type == FileType::file || is_distribution(path));
  }
  static FileTime time_of(const FileStat& stat) { return {stat.modified, stat.modified_part}; }

  std::string text_of(const std::string& path) const {
    const auto text = host_.read_file(path);
    return text && *text ? **text : std::string();
  }

  /// A module that is as its RECORD says: that RECORD tells.
  bool is_uninteresting(const std::string& path) const {
    if (keep_.count(path) != 0) return false;
    for (auto at = path; at.size() > 1; at = parent_path(at)) {
      if (is_site_folder(parent_path(at)))
        return !is_distribution(at) && std::none_of(keep_.begin(), keep_.end(), [&](const std::string& each) {
          return each.starts_with(path + "/");
        });
    }
    return false;
  }

  bool is_told_by_listing(const std::string& path) const {
    const auto folder = seen_.paths.find(parent_path(path));
    if (folder == seen_.paths.end() || !folder->second.entries || !*folder->second.entries) return false;
    const auto named = named_entries(folder->first, **folder->second.entries);
    return named.whole && named.others == 0;
  }

  RecordedFile recorded(const std::string& path, const SeenPath& seen) {
    RecordedFile file;
    if (seen.hidden || !seen.stat) {
      file.type = FileType::other;
      file.hidden = true;
      file.unread = seen.hidden;
      return file;
    }
    file.type = seen.stat->type;
    file.mode = seen.stat->mode;
    file.uid = seen.stat->uid;
    file.gid = seen.stat->gid;
    if (tells_time(path, *seen.stat)) {
      file.modified = seen.stat->modified;
      file.modified_part = seen.stat->modified_part;
    }
    if (seen.link) file.content = *seen.link;
    if (file.type == FileType::directory && seen.entries) add_entries(path, *seen.entries, file);
    if (file.type == FileType::file) add_content(path, seen, file);
    return file;
  }

  void add_entries(const std::string& path, const Result<std::vector<DirectoryEntry>>& entries,
                   RecordedFile& file) {
    if (!entries) {
      file.unread = entries.error();
      return;
    }
    auto named = named_entries(path, *entries);
    if (!named.whole) {
      for (const auto& each : *entries) {
        if (seen_.paths.count(join_path(path, each.name)) != 0) named.named.push_back(each);
      }
      named.others = entries->size() - named.named.size();
    }
    file.entries = std::move(named.named);
    file.others = named.others;
  }

  void add_content(const std::string& path, const SeenPath& seen, RecordedFile& file) {
    const auto leave_out = [&](const char* why) {
      file.unread = Error{"host.left-out", "the record leaves out what is in `" + path + "`: " + why, {}};
    };
    if (!seen.content) return leave_out("it was not read");
    if (!*seen.content) {
      file.unread = seen.content->error();
      return;
    }
    const auto& text = **seen.content;
    auto kind = content_kind(seen, path);
    if (kind == Content::unit && limits_.declared.count(path) != 0) kind = Content::nobodys;
    if (kind == Content::nobodys) {
      const bool declared = std::any_of(seen.asked.begin(), seen.asked.end(), [&](const std::string& each) {
        return limits_.declared.count(each) != 0;
      });
      if (!declared) return leave_out("no recipe declares it");
      if ((file.mode & world_readable) == 0) return leave_out("not everybody may read it");
      if (text.size() > largest_file) return leave_out("it is larger than 64 KiB");
      if (without_secrets(text) != text) return leave_out("something in it may be secret");
    }
    if (kind == Content::rpm_packages && !rpm_packages()) return leave_out("it cannot be read");
    file.content = kept_of(kind, path, text);
    if (kind != Content::dpkg_status && kind != Content::rpm_packages && file.content.size() > largest_file) {
      file.content.clear();
      leave_out("it is larger than 64 KiB");
    }
  }

  std::string kept_of(Content kind, const std::string& path, const std::string& text) {
    switch (kind) {
      case Content::dpkg_status:
      case Content::nobodys:
        return text;
      case Content::rpm_packages:
        return path.ends_with("-wal") ? std::string() : rpm_packages()->condensed();
      case Content::accounts:
        return condensed_accounts(text, accounts_);
      case Content::groups:
        return condensed_groups(text, text_of("/etc/passwd"), accounts_);
      case Content::unit:
        return condensed_unit(text);
      case Content::metadata:
        return condensed_metadata(text);
      case Content::installed:
        return condensed_installed(changed_[path]);
      case Content::kernel:
        return condensed_kernel(text);
      case Content::start_up:
        return assignments_alone(text);
      case Content::keyring:
        return bare_keys(text).value_or("");
      case Content::settings:
        return without_secrets(text);
    }
    return {};
  }

  /// The database and its log together.
  const Result<RpmPackages>& rpm_packages() {
    if (!rpm_packages_) rpm_packages_ = read_rpm_packages(host_);
    return *rpm_packages_;
  }

  /// Of `apt-cache policy` only the candidate is looked at.
  static std::string condensed_answer(const std::vector<std::string>& command, const std::string& output) {
    if (command.empty() || command.front() != "apt-cache") return output;
    std::string kept;
    for (const auto line : split_lines(output)) {
      if (trim(line).starts_with("Candidate: ")) kept += std::string(trim(line)) + "\n";
    }
    return kept;
  }

  SeenHost seen_;
  const HostReader& host_;
  const RecordLimits& limits_;
  KnownAccounts accounts_;
  std::optional<FileTime> oldest_start_;  ///< of the services that were looked at
  std::optional<Result<RpmPackages>> rpm_packages_;
  std::map<std::string, std::vector<std::string>> changed_;  ///< by the path of the RECORD
  std::set<std::string> keep_;                               ///< modules that are not as installed
  RecordedHost result_;
};

}  // namespace

RecordedHost condensed(SeenHost seen, const HostReader& host, const Facts& facts,
                       const RecordLimits& limits) {
  return Condenser(std::move(seen), host, facts, limits).run();
}

void look_at_named(const RecordingReader& reader) {
  std::vector<std::string> paths;
  for (const auto& [path, seen] : reader.seen().paths) {
    if (!seen.entries || !*seen.entries || path == "/var/lib/apt/lists") continue;
    for (const auto& each : named_entries(path, **seen.entries).named)
      paths.push_back(join_path(path, each.name));
  }
  for (const auto& path : paths) static_cast<void>(reader.stat(path, Links::keep));
}

}  // namespace mlenv
