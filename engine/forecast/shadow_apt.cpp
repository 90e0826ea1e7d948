#include "forecast/shadow_apt.hpp"

#include <algorithm>
#include <thread>

#include "base/text.hpp"
#include "forecast/repository_keyring.hpp"

namespace mlenv {
namespace {

constexpr const char* host_lists = "/var/lib/apt/lists";
constexpr const char* host_status = "/var/lib/dpkg/status";

Environment quiet() {
  return of_the_system({{"DEBIAN_FRONTEND", "noninteractive"}, {"APT_LISTCHANGES_FRONTEND", "none"}});
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool ends_with_any(const std::string& name, const std::vector<std::string>& endings) {
  return endings.empty() || std::any_of(endings.begin(), endings.end(),
                                        [&](const std::string& ending) { return name.ends_with(ending); });
}

/// The path that a repository's step sets aside or rewrites, as a source of the shadow.
bool is_replaced(const std::vector<AddRepository>& repositories, const std::string& path) {
  for (const auto& each : repositories) {
    const auto moved = std::any_of(each.disabled.begin(), each.disabled.end(),
                                   [&](const MovePath& move) { return move.from == path; });
    const auto written = std::any_of(each.replaced.begin(), each.replaced.end(),
                                     [&](const WriteFile& file) { return file.path == path; });
    if (moved || written || each.source_path == path || each.pin_path == path) return true;
  }
  return false;
}

/// Indexes of `file:` sources are links.
bool is_index(const DirectoryEntry& entry) {
  return entry.type != FileType::directory && entry.name != "lock";
}

}  // namespace

ShadowApt::ShadowApt(const HostReader& host, HostWriter& writer, CacheFolder cache, LineSink lines)
    : host_(host), writer_(writer), cache_(std::move(cache)), lines_(std::move(lines)) {}

std::string ShadowApt::keyring_path(const AddRepository& step) const {
  return step.fingerprints.empty() ? std::string()
                                   : cache_.path + "/apt/keys/" + step.fingerprints.front() + ".gpg";
}

std::optional<std::string> ShadowApt::text_of(const std::string& path) {
  auto text = host_.read_file(path);
  if (text) return std::move(*text);
  unreadable_.push_back(path);
  return std::nullopt;
}

void ShadowApt::add_folder(const std::string& folder, const std::vector<std::string>& endings,
                           std::vector<File>& files, const std::string& to) {
  const auto entries = host_.list(folder);
  if (!entries) {
    unreadable_.push_back(folder);
    return;
  }
  for (const auto& entry : *entries) {
    if (entry.type == FileType::directory || !ends_with_any(entry.name, endings)) continue;
    if (entry.name.starts_with(".")) continue;  // apt reads none; what a killed run has left has such a name
    if (auto text = text_of(folder + "/" + entry.name)) files.push_back({to + "/" + entry.name, *text});
  }
}

std::vector<ShadowApt::File> ShadowApt::sources(const std::vector<AddRepository>& repositories) {
  std::vector<File> files, kept;
  if (auto text = text_of("/etc/apt/sources.list")) files.push_back({"sources.list", *text});
  add_folder("/etc/apt/sources.list.d", {".list", ".sources"}, files, "sources.list.d");
  for (auto& file : files) {
    if (!is_replaced(repositories, "/etc/apt/" + file.name)) kept.push_back(std::move(file));
  }
  for (const auto& each : repositories) {
    for (const auto& file : each.replaced) {
      if (file.path.starts_with("/etc/apt/")) kept.push_back({file.path.substr(9), file.content});
    }
    const auto text = each.keyring_path.empty()
                          ? each.source_content
                          : replace_all(each.source_content, each.keyring_path, keyring_path(each));
    kept.push_back({"sources.list.d/" + file_name(each.source_path), text});
  }
  return kept;
}

std::vector<ShadowApt::File> ShadowApt::preferences(const std::vector<AddRepository>& repositories) {
  std::vector<File> files, kept;
  if (auto text = text_of("/etc/apt/preferences")) files.push_back({"preferences", *text});
  add_folder("/etc/apt/preferences.d", {}, files, "preferences.d");
  for (auto& file : files) {
    if (!is_replaced(repositories, "/etc/apt/" + file.name)) kept.push_back(std::move(file));
  }
  for (const auto& each : repositories) {
    if (!each.pin_path.empty())
      kept.push_back({"preferences.d/" + file_name(each.pin_path), each.pin_content});
  }
  return kept;
}

/// Comes after all files of the host's configuration (`-c`), so that what is cleared here stays clear.
std::string ShadowApt::configuration(bool own_status) const {
  const auto base = cache_.path + "/apt";
  const auto quoted = [](const std::string& path) { return " \"" + path + "\";\n"; };
  std::string text =
      "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n"
      "#clear APT::Update::Post-Invoke-Success;\n#clear DPkg::Pre-Invoke;\n#clear DPkg::Post-Invoke;\n"
      "#clear DPkg::Pre-Install-Pkgs;\n";
  text += "Dir::State" + quoted(base);
  text += "Dir::State::lists" + quoted(base + "/lists");
  text += "Dir::State::status" + quoted(own_status ? set_ + "/status" : host_status);
  text += "Dir::State::extended_states" + quoted("/var/lib/apt/extended_states");
  text += "Dir::Cache" + quoted(set_ + "/cache");
  text += "Dir::Cache::pkgcache" + quoted("pkgcache.bin");
  text += "Dir::Cache::srcpkgcache" + quoted("srcpkgcache.bin");
  text += "Dir::Cache::archives" + quoted(set_ + "/none");
  text += "Dir::Etc::sourcelist" + quoted(set_ + "/sources.list");
  text += "Dir::Etc::sourceparts" + quoted(set_ + "/sources.list.d");
  text += "Dir::Etc::preferences" + quoted(set_ + "/preferences");
  text += "Dir::Etc::preferencesparts" + quoted(set_ + "/preferences.d");
  text += "Dir::Log" + quoted(set_ + "/log");
  text +=
      "APT::Get::List-Cleanup \"0\";\nAPT::Get::Show-User-Simulation-Note \"0\";\n#clear "
      "Acquire::Languages;\n"
      "Acquire::Languages \"none\";\nAcquire::Retries \"2\";\nAcquire::http::Timeout \"20\";\n"
      "Acquire::https::Timeout \"20\";\n";
  for (const char* target :
       {"DEP-11", "DEP-11-icons-small", "DEP-11-icons", "DEP-11-icons-hidpi", "Contents-deb", "CNF"}) {
    text += std::string("Acquire::IndexTargets::deb::") + target + "::DefaultEnabled \"0\";\n";
  }
  return text;
}

Result<Done> ShadowApt::write(const std::string& path, const std::string& text) {
  const auto now = host_.read_file(path);
  if (now && *now && **now == text) return Done{};  // an index cache is as old as its newest source
  return writer_.write_file({path, text, 0644, {}, cache_.privilege});
}

Result<Done> ShadowApt::make(const std::string& path, unsigned mode) {
  if (exists(host_, path)) return Done{};
  return writer_.make_directory(path, mode, {}, cache_.privilege);
}

/// dpkg's status with these packages no longer on hold, as they will be when the transaction runs.
std::optional<std::string> ShadowApt::status_without_holds(const std::vector<std::string>& unheld) const {
  if (unheld.empty()) return std::nullopt;
  const auto text = host_.read_file(host_status);
  if (!text || !*text) return std::nullopt;
  std::string changed;
  bool concerned = false;
  for (const auto line : split_lines(**text)) {
    if (line.starts_with("Package: ")) {
      concerned = std::any_of(unheld.begin(), unheld.end(), [&](const std::string& name) {
        return line.substr(9) == name.substr(0, name.find(':'));
      });
    }
    const bool lift = concerned && line.starts_with("Status: hold ");
    changed += (lift ? "Status: install " + std::string(line.substr(13)) : std::string(line)) + "\n";
  }
  return changed;
}

Result<Done> ShadowApt::bring_keys(const std::vector<AddRepository>& repositories, bool offline) {
  for (const auto& each : repositories) {
    const auto path = keyring_path(each);
    if (path.empty()) continue;
    const auto kept = host_.read_file(path);
    if (kept && *kept && trusted_keyring(each, **kept)) continue;
    if (offline && each.key_text.empty()) {
      return Error{"apt.no-key", "the key of `" + each.name + "` is not in the cache",
                   "plan once with a network"};
    }
    const auto keyring = fetch_keyring(each, writer_);
    if (!keyring) return keyring.error();
    if (auto done = write(path, *keyring); !done) return done;
  }
  return Done{};
}

/// What the host has fetched already need not be fetched again.
Result<Done> ShadowApt::seed() {
  const auto entries = host_.list(host_lists);
  if (!entries) return Done{};
  std::vector<std::string> newer;
  for (const auto& entry : *entries) {
    if (!is_index(entry)) continue;
    const auto theirs = host_.stat(std::string(host_lists) + "/" + entry.name, Links::keep);
    const auto ours = host_.stat(lists() + "/" + entry.name, Links::keep);
    if (!theirs || !*theirs || !ours) continue;
    if (!*ours || (*ours)->modified < (*theirs)->modified)
      newer.push_back(std::string(host_lists) + "/" + entry.name);
  }
  return copy_into_place(newer, cache_.path + "/apt/seed", lists(), cache_.privilege, writer_);
}

Result<Done> ShadowApt::prepare(const std::vector<AddRepository>& repositories,
                                const std::vector<std::string>& unheld, bool offline) {
  auto files = sources(repositories);
  const auto pins = preferences(repositories);
  files.insert(files.end(), pins.begin(), pins.end());
  const auto status = status_without_holds(unheld);
  if (status) files.push_back({"status", *status});
  std::string text;
  for (const auto& file : files) text += file.name + "\n" + file.text + "\n";
  set_ = cache_.path + "/apt/sets/" + sha256_hex(text).substr(0, 16);
  for (const auto& folder : {cache_.path + "/apt/keys", lists(), lists() + "/partial",
                             archives() + "/partial", set_ + "/sources.list.d", set_ + "/preferences.d",
                             set_ + "/cache", set_ + "/none/partial", set_ + "/log"}) {
    if (auto done = make(folder); !done) return done;
  }
  if (auto done = bring_keys(repositories, offline); !done) return done;
  for (const auto& file : files) {
    if (auto done = write(set_ + "/" + file.name, file.text); !done) return done;
  }
  if (auto done = write(set_ + "/apt.conf", configuration(status.has_value())); !done) return done;
  drop_old_sets();
  return seed();
}

void ShadowApt::drop_old_sets() const {
  constexpr std::size_t kept = 6;
  const auto folder = cache_.path + "/apt/sets";
  const auto entries = host_.list(folder);
  if (!entries || entries->size() <= kept) return;
  std::vector<std::pair<std::int64_t, std::string>> ages;
  for (const auto& entry : *entries) {
    const auto path = folder + "/" + entry.name;
    const auto stat = host_.stat(path + "/apt.conf", Links::keep);
    if (path != set_) ages.emplace_back(stat && *stat ? (*stat)->modified : 0, path);
  }
  std::sort(ages.begin(), ages.end());
  for (std::size_t i = 0; i + kept <= ages.size(); ++i)
    static_cast<void>(writer_.remove(ages[i].second, Depth::tree, cache_.privilege));
}

Result<Output> ShadowApt::run(const std::string& program, std::vector<std::string> words) const {
  std::vector<std::string> argv = {program, "-c", set_ + "/apt.conf"};
  argv.insert(argv.end(), words.begin(), words.end());
  return writer_.run({std::move(argv), quiet(), cache_.privilege, std::chrono::seconds(3600)}, lines_);
}

/// Indexes carry the time of their making; when they were looked at last is the time of this file.
void ShadowApt::note_update() const {
  static_cast<void>(
      writer_.write_file({cache_.path + "/apt/updated", set_ + "\n", 0644, {}, cache_.privilege}));
}

Result<std::string> ShadowApt::update() {
  constexpr int attempts = 4;
  for (int count = 1;; ++count) {
    const auto output = run("apt-get", {"update", "-o", "APT::Update::Error-Mode=any"});
    if (!output) return output.error();
    auto complaint = apt_complaint(*output, true);
    if (complaint.empty() && output->exit_code != 0)
      complaint = "apt-get update ended with " + std::to_string(output->exit_code);
    const bool locked = complaint.find("get lock") != std::string::npos;
    if (complaint.empty()) note_update();
    if (complaint.empty() || count == attempts || !(locked || passes_by_itself(complaint))) return complaint;
    if (lines_) lines_("trying again: " + complaint);
    std::this_thread::sleep_for(std::chrono::seconds(count));
  }
}

Result<Output> ShadowApt::simulate(const AptTransaction& transaction) const {
  auto words = step_command(Step(transaction));
  words.erase(words.begin());
  words.erase(std::remove(words.begin(), words.end(), "-y"), words.end());
  words.insert(words.begin(), {"-s", "-o", "Debug::NoLocking=1"});
  return run("apt-get", std::move(words));
}

Result<Output> ShadowApt::download(const AptTransaction& transaction) const {
  auto words = step_command(Step(transaction));
  words.erase(words.begin());
  // Downloading needs none of the host's locks, and this folder is one run's at a time.
  words.insert(words.begin(),
               {"--download-only", "-o", "Debug::NoLocking=1", "-o", "Dir::Cache::archives=" + archives()});
  return run("apt-get", std::move(words));
}

std::vector<PrintedUri> ShadowApt::uris(const AptTransaction& transaction) const {
  auto words = step_command(Step(transaction));
  words.erase(words.begin());
  words.insert(words.begin(), {"--print-uris", "-o", "Debug::NoLocking=1"});
  const auto output = run("apt-get", std::move(words));
  return output ? parse_uris(output->out) : std::vector<PrintedUri>();
}

std::vector<DebVersion> ShadowApt::versions(const std::string& package) const {
  const auto output = run("apt-cache", {"madison", "--", package});
  return output ? parse_madison(output->out) : std::vector<DebVersion>();
}

std::vector<std::string> ShadowApt::index_files() const {
  const auto output = run("apt-get", {"indextargets", "--format", "$(FILENAME)"});
  const auto entries = host_.list(lists());
  std::vector<std::string> targets, files;
  if (!output || !entries) return files;
  for (const auto line : split_lines(output->out)) targets.push_back(file_name(std::string(line)));
  for (const auto& entry : *entries) {
    if (!is_index(entry)) continue;
    const auto belongs = [&](const std::string& target) {
      if (entry.name.starts_with(target)) return true;  // compressed ones have a further ending
      for (const char* ending : {"InRelease", "Release", "Release.gpg"}) {
        if (entry.name.ends_with(ending) &&
            target.starts_with(entry.name.substr(0, entry.name.size() - std::string(ending).size())))
          return true;
      }
      return false;
    };
    if (std::any_of(targets.begin(), targets.end(), belongs)) files.push_back(entry.name);
  }
  return files;
}

std::optional<std::int64_t> ShadowApt::index_time() const {
  const auto stat = host_.stat(cache_.path + "/apt/updated", Links::keep);
  return stat && *stat ? std::optional((*stat)->modified) : std::nullopt;
}

bool ShadowApt::is_fresh(std::int64_t since) const {
  constexpr std::int64_t minute = 60;
  const auto time = index_time();
  const auto set = host_.read_file(cache_.path + "/apt/updated");
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return time && *time >= since && now - *time < minute && set && *set && trim(**set) == set_;
}

Result<Done> copy_into_place(const std::vector<std::string>& files, const std::string& beside,
                             const std::string& folder, Privilege privilege, HostWriter& writer) {
  // A run that was killed may have left it.
  if (auto removed = writer.remove(beside, Depth::tree, privilege); !removed || files.empty()) return removed;
  if (auto made = writer.make_directory(beside, 0755, {}, privilege); !made) return made;
  std::vector<std::string> copy = {"cp", "-L", "--preserve=timestamps", "--reflink=auto", "-t", beside, "--"};
  std::vector<std::string> move = {"mv", "-f", "-t", folder, "--"};
  for (const auto& file : files) {
    copy.push_back(file);
    move.push_back(beside + "/" + file_name(file));
  }
  for (auto& words : {copy, move}) {
    const auto output = writer.run({words, quiet(), privilege, std::chrono::seconds(600), true}, {});
    if (!output) return output.error();
    if (output->exit_code != 0) {
      static_cast<void>(writer.remove(beside, Depth::tree, privilege));
      return Error{"host.failed", "cannot copy into `" + folder + "`: " + std::string(trim(output->err)), {}};
    }
  }
  return writer.remove(beside, Depth::tree, privilege);
}

}  // namespace mlenv
