#include "resource/dpkg_status.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// `Status: install ok installed`.
void read_status(std::string_view value, PackageRecord& record) {
  const auto words = split(value, ' ');
  if (words.size() != 3) return;
  record.want = words[0];
  record.flag = words[1];
  record.status = words[2];
}

std::uint64_t kibibytes(std::string_view value) {
  std::uint64_t count = 0;
  std::from_chars(value.data(), value.data() + value.size(), count);
  return count * 1024;
}

std::string native_architecture(const HostReader& host, const Facts& facts) {
  const auto text = host.read_file("/var/lib/dpkg/arch");
  if (text && *text && !(**text).empty()) return std::string(trim(split(**text, '\n').front()));
  return facts.arch == "x86_64" ? "amd64" : facts.arch == "aarch64" ? "arm64" : facts.arch;
}

PackageRecord record_of(const NamedStanza& named) {
  const auto stanza = named.text;
  PackageRecord record;
  record.name = named.name;
  record.architecture = stanza_field(stanza, "\nArchitecture: ");
  record.version = stanza_field(stanza, "\nVersion: ");
  record.installed_bytes = kibibytes(stanza_field(stanza, "\nInstalled-Size: "));
  read_status(stanza_field(stanza, "\nStatus: "), record);
  return record;
}

/// The entries of one name among those that are sorted by it, in the file's order.
template <class Entries>
auto named(const Entries& entries, std::string_view name) {
  const auto first =
      std::lower_bound(entries.begin(), entries.end(), name,
                       [](const auto& entry, std::string_view key) { return entry.name < key; });
  auto last = first;
  while (last != entries.end() && last->name == name) ++last;
  return std::pair(first, last);
}

constexpr auto by_name = [](const auto& left, const auto& right) { return left.name < right.name; };

}  // namespace

DpkgStatus::DpkgStatus(std::shared_ptr<const StatusFile> file, std::string native)
    : file_(std::move(file)), native_(std::move(native)) {
  // dpkg writes it sorted, mostly.
  if (std::is_sorted(file_->stanzas.begin(), file_->stanzas.end(), by_name)) return;
  auto sorted = *file_;
  std::stable_sort(sorted.stanzas.begin(), sorted.stanzas.end(), by_name);
  file_ = std::make_shared<const StatusFile>(std::move(sorted));
}

std::optional<PackageRecord> DpkgStatus::find(std::string_view name) const {
  const auto colon = name.find(':');
  const auto wanted = colon == std::string_view::npos ? std::string_view(native_) : name.substr(colon + 1);
  std::optional<PackageRecord> other;
  const auto [first, last] = named(file_->stanzas, name.substr(0, colon));
  for (auto at = first; at != last; ++at) {
    auto record = record_of(*at);
    if (record.architecture == wanted || record.architecture == "all") return record;
    if (!other || record.is_installed()) other = std::move(record);
  }
  return colon == std::string_view::npos ? other : std::nullopt;
}

/// The names in lines such as `Provides: awk, mail-transport-agent (= 1.0), x:any`.
std::vector<DpkgStatus::Provided> DpkgStatus::read_providers() const {
  std::vector<Provided> all;
  for (const auto& stanza : file_->stanzas) {
    const auto provided = stanza_field(stanza.text, "\nProvides: ");
    if (provided.empty() || !record_of(stanza).is_installed()) continue;
    for (const auto part : split(provided, ',')) {
      const auto trimmed = trim(part);
      const auto name = trimmed.substr(0, trimmed.find_first_of(" (:"));
      if (!name.empty()) all.push_back({name, &stanza});
    }
  }
  std::stable_sort(all.begin(), all.end(), by_name);
  return all;
}

std::optional<PackageRecord> DpkgStatus::provider(std::string_view name) const {
  std::call_once(*providers_read_, [&] { by_provided_ = read_providers(); });
  const auto [first, last] = named(by_provided_, name);
  return first == last ? std::nullopt : std::optional(record_of(*first->by));
}

std::vector<PackageRecord> DpkgStatus::half_installed() const {
  std::vector<PackageRecord> all;
  for (const auto& stanza : file_->stanzas) {
    const auto status = stanza_field(stanza.text, "\nStatus: ");
    if (status.find(" reinstreq ") != std::string_view::npos || status.ends_with(" half-installed"))
      all.push_back(record_of(stanza));
  }
  return all;
}

bool DpkgStatus::has_open_triggers() const {
  return std::any_of(file_->stanzas.begin(), file_->stanzas.end(), [](const NamedStanza& stanza) {
    const auto status = stanza_field(stanza.text, "\nStatus: ");
    return status.ends_with(" triggers-pending") || status.ends_with(" triggers-awaited");
  });
}

const DpkgDatabase& dpkg_database(const ProbeScope& scope) {
  return scope.cache.get<DpkgDatabase>("dpkg", [&] {
    DpkgDatabase database;
    const auto file = share_status_file(scope.host);
    if (!file) {
      database.error = file.error();
      return database;
    }
    if (*file) database.packages = DpkgStatus(*file, native_architecture(scope.host, scope.facts));
    // dpkg keeps what it has not yet folded into the status file in numbered files here.
    const auto updates = scope.host.list("/var/lib/dpkg/updates");
    database.interrupted = (updates && !updates->empty()) || database.packages.has_open_triggers();
    return database;
  });
}

}  // namespace mlenv
