#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/reader.hpp"

namespace mlenv {

/// One active entry of apt's sources, of whatever file and format. Source: sources.list(5).
struct SourceEntry {
  std::string file;
  bool deb822 = false;
  std::size_t begin = 0;  ///< bytes of its line or stanza in the file
  std::size_t end = 0;
  std::vector<std::string> types, uris, suites, components, architectures;
  std::string signed_by = {};  ///< a path, fingerprints, or the key itself; words with one space between
  bool operator==(const SourceEntry&) const = default;
};

/// The active entries of a sources text: one-line style, or deb822 (`.sources`).
std::vector<SourceEntry> parse_sources(const std::string& file, const std::string& text);

/// All active entries of the host: sources.list, then sources.list.d in apt's order.
Result<std::vector<SourceEntry>> host_sources(const HostReader& host);

/// Where an archive is, so that two spellings of one are equal: without scheme (http or https), user, default
/// port and slashes at the end; for a flat repository (a suite that ends with `/`) with the suite's path.
std::string archive_location(const std::string& uri, const std::string& suite);

/// True when apt is not to have both: they name an archive in common (location, suite, type, architecture),
/// or one address with different keys, which apt refuses whatever the type and architecture.
bool same_archive(const SourceEntry& left, const SourceEntry& right);

/// The key in a `Signed-By` that holds one itself, ASCII-armoured; nothing where that names a file or
/// fingerprints.
std::optional<std::string> inline_key(const std::string& signed_by);

/// The file's text with the entry switched off; nothing else of it changes.
std::string without_entry(const std::string& text, const SourceEntry& entry);

}  // namespace mlenv
