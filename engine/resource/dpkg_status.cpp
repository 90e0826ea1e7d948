#include "resource/dpkg_status.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr const char* status_path = "/var/lib/dpkg/status";

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

/// The value of a field, `name` with the line's end before it; empty where there is none.
std::string_view field_of(std::string_view stanza, std::string_view name) {
  const auto at = stanza.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return stanza.substr(begin, std::min(stanza.find('\n', begin), stanza.size()) - begin);
}

std::string_view name_of(std::string_view stanza) {
  constexpr std::string_view field = "Package: ";
  if (!stanza.starts_with(field)) return field_of(stanza, "\nPackage: ");
  return stanza.substr(field.size(), std::min(stanza.find('\n'), stanza.size()) - field.size());
}

PackageRecord record_of(std::string_view stanza) {
  PackageRecord record;
  record.name = name_of(stanza);
  record.architecture = field_of(stanza, "\nArchitecture: ");
  record.version = field_of(stanza, "\nVersion: ");
  record.installed_bytes = kibibytes(field_of(stanza, "\nInstalled-Size: "));
  read_status(field_of(stanza, "\nStatus: "), record);
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

DpkgStatus::DpkgStatus(SharedText text, std::string native)
    : text_(std::move(text)), native_(std::move(native)) {
  std::string_view rest = text_ ? std::string_view(*text_) : std::string_view();
  while (!rest.empty()) {
    const auto end = rest.find("\n\n");
    const auto stanza = rest.substr(0, end);
    if (const auto name = name_of(stanza); !name.empty()) by_name_.push_back({name, stanza});
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
  }
  // dpkg writes it sorted, mostly.
  if (!std::is_sorted(by_name_.begin(), by_name_.end(), by_name))
    std::stable_sort(by_name_.begin(), by_name_.end(), by_name);
}

std::optional<PackageRecord> DpkgStatus::find(std::string_view name) const {
  const auto colon = name.find(':');
  const auto wanted = colon == std::string_view::npos ? std::string_view(native_) : name.substr(colon + 1);
  std::optional<PackageRecord> other;
  const auto [first, last] = named(by_name_, name.substr(0, colon));
  for (auto at = first; at != last; ++at) {
    auto record = record_of(at->text);
    if (record.architecture == wanted || record.architecture == "all") return record;
    if (!other || record.is_installed()) other = std::move(record);
  }
  return colon == std::string_view::npos ? other : std::nullopt;
}

/// The names in lines such as `Provides: awk, mail-transport-agent (= 1.0), x:any`.
std::vector<DpkgStatus::Stanza> DpkgStatus::read_providers() const {
  std::vector<Stanza> all;
  for (const auto& stanza : by_name_) {
    const auto provided = field_of(stanza.text, "\nProvides: ");
    if (provided.empty() || !record_of(stanza.text).is_installed()) continue;
    for (const auto part : split(provided, ',')) {
      const auto trimmed = trim(part);
      const auto name = trimmed.substr(0, trimmed.find_first_of(" (:"));
      if (!name.empty()) all.push_back({name, stanza.text});
    }
  }
  std::stable_sort(all.begin(), all.end(), by_name);
  return all;
}

std::optional<PackageRecord> DpkgStatus::provider(std::string_view name) const {
  std::call_once(*providers_read_, [&] { by_provided_ = read_providers(); });
  const auto [first, last] = named(by_provided_, name);
  return first == last ? std::nullopt : std::optional(record_of(first->text));
}

std::vector<PackageRecord> DpkgStatus::half_installed() const {
  std::vector<PackageRecord> all;
  for (const auto& stanza : by_name_) {
    const auto status = field_of(stanza.text, "\nStatus: ");
    if (status.find(" reinstreq ") != std::string_view::npos || status.ends_with(" half-installed"))
      all.push_back(record_of(stanza.text));
  }
  return all;
}

bool DpkgStatus::has_open_triggers() const {
  return std::any_of(by_name_.begin(), by_name_.end(), [](const Stanza& stanza) {
    const auto status = field_of(stanza.text, "\nStatus: ");
    return status.ends_with(" triggers-pending") || status.ends_with(" triggers-awaited");
  });
}

const DpkgDatabase& dpkg_database(const ProbeScope& scope) {
  return scope.cache.get<DpkgDatabase>("dpkg", [&] {
    DpkgDatabase database;
    const auto text = share_file(scope.host, status_path);
    if (!text) {
      database.error = text.error();
      return database;
    }
    if (*text) database.packages = DpkgStatus(*text, native_architecture(scope.host, scope.facts));
    // dpkg keeps what it has not yet folded into the status file in numbered files here.
    const auto updates = scope.host.list("/var/lib/dpkg/updates");
    database.interrupted = (updates && !updates->empty()) || database.packages.has_open_triggers();
    return database;
  });
}

}  // namespace mlenv
