#include "resource/rpm_database.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/caching_reader.hpp"
#include "resource/byte_order.hpp"
#include "resource/sqlite_table.hpp"

namespace mlenv {
namespace {

constexpr const char* folders[] = {"/usr/lib/sysimage/rpm", "/var/lib/rpm"};
constexpr const char* sqlite_file = "rpmdb.sqlite";
constexpr const char* ndb_file = "Packages.db";
constexpr const char* berkeley_file = "Packages";
constexpr std::string_view record_head = "mlenvctl.rpm/1\n";

Error unreadable(const std::string& why) { return {"rpm.unreadable", "rpm's database: " + why, {}}; }

/// What plans ask for; `libc.so.6(GLIBC_2.4)(64bit)` and its like are asked for by packages alone.
bool is_plain(std::string_view name) { return name.find_first_of("()/ \t") == std::string_view::npos; }

/// rpm's ndb: slots of 16 bytes from the second on, each of which tells where a package lies, and around each
/// package its number and length, twice (lib/backend/ndb/rpmpkg.c of rpm).
Result<RpmPackages> parse_ndb(std::string_view file) {
  constexpr std::size_t slot_size = 16, block = 16, page = 4096, head = 16, tail = 12;
  RpmPackages packages;
  const auto slots = little_endian(file, 12, 4).value_or(0) * (page / slot_size);
  if (slots > file.size() / slot_size) return unreadable("it is cut off");
  for (std::size_t slot = 2; slot < slots; ++slot) {
    const auto at = slot * slot_size;
    if (file.substr(at, 4) != "Slot") return unreadable("a slot of it is damaged");
    const auto place = static_cast<std::size_t>(*little_endian(file, at + 8, 4)) * block;
    if (place == 0) continue;
    const auto length = static_cast<std::size_t>(little_endian(file, place + 12, 4).value_or(0));
    const bool whole = place + head + length + tail <= file.size() && file.substr(place, 4) == "BlbS" &&
                       file.substr(place + 4, 4) == file.substr(at + 4, 4);
    if (!whole) return unreadable("a package of it is damaged, or is being written");
    if (auto record = read_rpm_header(file.substr(place + head, length))) packages.add(std::move(*record));
  }
  return packages;
}

Result<RpmPackages> parse_sqlite(std::string_view file, std::string_view log) {
  const auto image = SqliteImage::open(file, log);
  if (!image) return unreadable(image.error().message);
  RpmPackages packages;
  const auto read = image->each_blob("Packages", [&](std::string_view blob) {
    if (auto record = read_rpm_header(blob)) packages.add(std::move(*record));
  });
  if (!read) return unreadable(read.error().message);
  return packages;
}

/// Lines `name TAB epoch TAB version TAB release TAB architecture TAB provided names`.
RpmPackages parse_record(std::string_view text) {
  RpmPackages packages;
  for (const auto line : split_lines(text.substr(record_head.size()))) {
    const auto fields = split(line, '\t');
    if (fields.size() != 6) continue;
    RpmRecord record{std::string(fields[0]),
                     std::string(fields[1]),
                     std::string(fields[2]),
                     std::string(fields[3]),
                     std::string(fields[4]),
                     {},
                     {}};
    for (const auto name : split(fields[5], ' ')) {
      if (!name.empty()) record.provides.emplace_back(name);
    }
    packages.add(std::move(record));
  }
  return packages;
}

using Bytes = Result<std::optional<std::string>>;

/// A writer adds to the log, and now and then copies what is there into the database and begins the log anew.
/// The log that is read after the database holds all that can have been copied meanwhile, unless it was
/// begun anew: then once more.
Result<RpmPackages> read_sqlite(const HostReader& host, const std::string& path) {
  constexpr int attempts = 5;
  const auto log_path = path + "-wal";
  for (int count = 1; count <= attempts; ++count) {
    const Bytes before = look_again(host, log_path);
    if (!before) return before.error();
    const Bytes file = look_again(host, path);
    if (!file) return file.error();
    const Bytes log = look_again(host, log_path);
    if (!log) return log.error();
    if (log_generation(before->value_or("")) != log_generation(log->value_or(""))) continue;
    return parse_rpm_database(file->value_or(""), log->value_or(""));
  }
  return unreadable("it is being written all the time");
}

/// Its writers change it in place: what does not fit together is looked at again.
Result<RpmPackages> read_ndb(const HostReader& host, const std::string& path) {
  constexpr int attempts = 3;
  for (int count = 1;; ++count) {
    const Bytes file = look_again(host, path);
    if (!file) return file.error();
    auto packages = parse_rpm_database(file->value_or(""), {});
    if (packages || count == attempts) return packages;
  }
}

}  // namespace

void RpmPackages::add(RpmRecord record) {
  if (record.architecture.empty()) return;  // gpg-pubkey, which is a key
  for (const auto& provided : record.provides) {
    if (provided != record.name) by_provided_.emplace(provided, record.name);
  }
  auto name = record.name;
  by_name_.emplace(std::move(name), std::move(record));
}

std::vector<RpmRecord> RpmPackages::all(std::string_view name) const {
  std::vector<RpmRecord> found;
  const auto collect = [&](std::string_view bare, std::string_view architecture) {
    const auto [first, last] = by_name_.equal_range(bare);
    for (auto at = first; at != last; ++at) {
      if (architecture.empty() || at->second.architecture == architecture) found.push_back(at->second);
    }
  };
  collect(name, {});
  const auto dot = name.rfind('.');
  if (found.empty() && dot != std::string_view::npos) collect(name.substr(0, dot), name.substr(dot + 1));
  return found;
}

std::optional<RpmRecord> RpmPackages::find(std::string_view name) const {
  auto found = all(name);
  return found.empty() ? std::nullopt : std::optional(std::move(found.back()));
}

std::optional<std::string> RpmPackages::provider(std::string_view name) const {
  const auto found = by_provided_.find(name);
  return found == by_provided_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> RpmPackages::needed_by(const std::string& name,
                                                  const std::set<std::string>& going) const {
  std::set<std::string> alone = {name};
  for (const auto& record : all(name)) alone.insert(record.provides.begin(), record.provides.end());
  std::erase_if(alone, [&](const std::string& provided) {
    const auto stays = [&](const std::string& other) { return other != name && going.count(other) == 0; };
    const auto [first, last] = by_provided_.equal_range(provided);
    return (provided != name && by_name_.count(provided) > 0 && stays(provided)) ||
           std::any_of(first, last, [&](const auto& each) { return stays(each.second); });
  });
  for (const auto& [other, record] : by_name_) {
    if (other == name || going.count(other) > 0) continue;
    const auto& wants = record.requires_names;
    if (std::any_of(wants.begin(), wants.end(), [&](const auto& each) { return alone.count(each) > 0; }))
      return other;
  }
  return std::nullopt;
}

std::string RpmPackages::condensed() const {
  std::string text(record_head);
  for (const auto& [name, record] : by_name_) {
    std::vector<std::string> provides;
    for (const auto& each : record.provides) {
      if (is_plain(each) && each != name) provides.push_back(each);
    }
    text +=
        join({name, record.epoch, record.version, record.release, record.architecture, join(provides, " ")},
             "\t") +
        "\n";
  }
  return text;
}

Result<RpmPackages> parse_rpm_database(std::string_view file, std::string_view log) {
  if (file.starts_with(record_head)) return parse_record(file);
  if (file.starts_with("RpmP")) return parse_ndb(file);
  if (file.empty() && log.empty()) return RpmPackages();
  return parse_sqlite(file, log);
}

Result<RpmPackages> read_rpm_packages(const HostReader& host) {
  for (const std::string folder : folders) {
    const auto path = join_path(folder, sqlite_file);
    const auto found = host.stat(path, Links::follow);
    if (!found) return found.error();
    if (*found) return read_sqlite(host, path);
    const auto ndb = join_path(folder, ndb_file);
    if (exists(host, ndb)) return read_ndb(host, ndb);
    if (exists(host, join_path(folder, berkeley_file)))
      return Error{"rpm.unreadable",
                   "rpm's database in `" + folder + "` is Berkeley DB, which cannot be read here",
                   "`rpmdb --rebuilddb` moves it to what rpm's newer releases read"};
  }
  return RpmPackages();
}

const RpmDatabase& rpm_database(const ProbeScope& scope) {
  return scope.cache.get<RpmDatabase>("rpm", [&] {
    RpmDatabase database;
    auto packages = read_rpm_packages(scope.host);
    if (packages) {
      database.packages = std::move(*packages);
    } else {
      database.error = packages.error();
    }
    return database;
  });
}

std::vector<std::string> rpm_database_paths() {
  std::vector<std::string> paths;
  for (const std::string folder : folders) {
    for (const char* file : {sqlite_file, ndb_file}) paths.push_back(join_path(folder, file));
  }
  return paths;
}

bool is_rpm_database(const std::string& path) {
  const auto paths = rpm_database_paths();
  return std::any_of(paths.begin(), paths.end(),
                     [&](const std::string& each) { return path == each || path == each + "-wal"; });
}

}  // namespace mlenv
