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

/// The names of `Provides: awk, mail-transport-agent (= 1.0), x:any`.
std::vector<std::string> provided_names(std::string_view value) {
  std::vector<std::string> names;
  for (const auto part : split(value, ',')) {
    const auto trimmed = trim(part);
    const auto name = trimmed.substr(0, trimmed.find_first_of(" (:"));
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
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

}  // namespace

DpkgStatus::DpkgStatus(std::string_view text, std::string native) : native_(std::move(native)) {
  std::string_view provides;
  PackageRecord record;
  const auto finish = [&] {
    if (record.name.empty()) return;
    const auto index = records_.size();
    by_name_.emplace(record.name, index);
    if (record.is_installed() && !provides.empty()) {
      for (auto& name : provided_names(provides)) by_provided_.emplace(std::move(name), index);
    }
    records_.push_back(std::move(record));
  };
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty()) {
      finish();
      record = {};
      provides = {};
      continue;
    }
    const auto colon = line.find(": ");
    if (line[0] == ' ' || colon == std::string_view::npos) continue;
    const auto value = line.substr(colon + 2);
    switch (line[0]) {  // most lines are none of these
      case 'P':
        if (line.starts_with("Package: ")) record.name = value;
        if (line.starts_with("Provides: ")) provides = value;
        break;
      case 'S':
        if (line.starts_with("Status: ")) read_status(value, record);
        break;
      case 'I':
        if (line.starts_with("Installed-Size: ")) record.installed_bytes = kibibytes(value);
        break;
      case 'A':
        if (line.starts_with("Architecture: ")) record.architecture = value;
        break;
      case 'V':
        if (line.starts_with("Version: ")) record.version = value;
        break;
      default:
        break;
    }
  }
  finish();
}

const PackageRecord* DpkgStatus::find(std::string_view name) const {
  const auto colon = name.find(':');
  const std::string bare(name.substr(0, colon));
  const auto wanted = colon == std::string_view::npos ? std::string_view(native_) : name.substr(colon + 1);
  const PackageRecord* other = nullptr;
  const auto [first, last] = by_name_.equal_range(bare);
  for (auto at = first; at != last; ++at) {
    const auto& record = records_[at->second];
    if (record.architecture == wanted || record.architecture == "all") return &record;
    if (other == nullptr || record.is_installed()) other = &record;
  }
  return colon == std::string_view::npos ? other : nullptr;
}

const PackageRecord* DpkgStatus::provider(std::string_view name) const {
  const auto found = by_provided_.find(std::string(name));
  return found == by_provided_.end() ? nullptr : &records_[found->second];
}

bool DpkgStatus::has_open_triggers() const {
  return std::any_of(records_.begin(), records_.end(), [](const PackageRecord& record) {
    return record.status == "triggers-pending" || record.status == "triggers-awaited";
  });
}

const DpkgDatabase& dpkg_database(const ProbeScope& scope) {
  return scope.cache.get<DpkgDatabase>("dpkg", [&] {
    DpkgDatabase database;
    const auto text = scope.host.read_file(status_path);
    if (!text) {
      database.error = text.error();
      return database;
    }
    if (*text) database.packages = DpkgStatus(**text, native_architecture(scope.host, scope.facts));
    // dpkg keeps what it has not yet folded into the status file in numbered files here.
    const auto updates = scope.host.list("/var/lib/dpkg/updates");
    database.interrupted = (updates && !updates->empty()) || database.packages.has_open_triggers();
    return database;
  });
}

}  // namespace mlenv
