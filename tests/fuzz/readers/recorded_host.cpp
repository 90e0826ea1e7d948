#include "host/host_record.hpp"

#include "fuzz/fuzz.hpp"
#include "resource/dpkg_status.hpp"
#include "view/facts_view.hpp"

namespace mlenv::fuzz {
namespace {

/// Walks what there is, at most some of it.
void walk(const HostReader& host, const std::string& folder, int depth, int& left) {
  const auto entries = host.list(folder);
  hold(entries.ok(), "a recorded folder can be listed");
  for (const auto& entry : *entries) {
    if (--left < 0) return;
    const auto path = join_path(folder, entry.name);
    hold(host.stat(path, Links::keep).value().has_value(), "what is listed is there");
    static_cast<void>(host.read_file(path));
    resolve_links(host, path);
    if (entry.type == FileType::directory && depth < 20) walk(host, path, depth + 1, left);
  }
}

}  // namespace

/// A file for --host, which may come from anybody.
void recorded_host(std::string_view input) {
  const auto record = read_recorded_host(std::string(input));
  if (!record) return;
  facts_text(record->facts, {false, true, 0});
  static_cast<void>(facts_document(record->facts).dump());
  const auto host = recorded_reader(record->files);
  int left = 100;
  walk(*host, "/", 0, left);
  ProbeCache cache;
  dpkg_database({*host, record->facts, cache});
}

}  // namespace mlenv::fuzz
