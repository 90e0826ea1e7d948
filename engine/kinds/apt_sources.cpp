#include "kinds/apt_sources.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace mlenv {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    at = std::min(text.find_first_not_of(" \t\n", at), text.size());
    const auto end = std::min(text.find_first_of(" \t\n", at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

void read_option(const std::string& option, SourceEntry& entry) {
  if (option.starts_with("signed-by=")) entry.signed_by = option.substr(10);
  if (!option.starts_with("arch=")) return;
  for (const auto arch : split(std::string_view(option).substr(5), ','))
    entry.architectures.emplace_back(arch);
}

std::optional<SourceEntry> parse_line(std::string_view line) {
  line = trim(line.substr(0, line.find('#')));
  const auto blank = line.find_first_of(" \t");
  if (blank == std::string_view::npos) return std::nullopt;
  SourceEntry entry;
  entry.types = {std::string(line.substr(0, blank))};
  if (entry.types[0] != "deb" && entry.types[0] != "deb-src") return std::nullopt;
  auto rest = trim(line.substr(blank));
  if (rest.starts_with("[")) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    for (const auto& option : words_of(rest.substr(1, close - 1))) read_option(option, entry);
    rest.remove_prefix(close + 1);
  }
  const auto words = words_of(rest);
  if (words.size() < 2) return std::nullopt;
  entry.uris = {words[0]};
  entry.suites = {words[1]};
  entry.components.assign(words.begin() + 2, words.end());
  return entry;
}

bool is_no(const std::string& value) {
  const auto lower = to_lower(value);
  return lower == "no" || lower == "false" || lower == "off" || lower == "without" || lower == "disable";
}

bool is_continued(std::string_view line) { return line.starts_with(" ") || line.starts_with("\t"); }

/// `Types` of `Types: deb`, in lower case; empty for a line that is no field's first.
std::string field_of_line(std::string_view line) {
  const auto colon = line.find(':');
  return colon == std::string_view::npos || is_continued(line) ? "" : to_lower(trim(line.substr(0, colon)));
}

std::optional<SourceEntry> parse_stanza(std::string_view stanza) {
  SourceEntry entry;
  bool enabled = true;
  std::string field, value;
  const auto finish = [&] {
    if (field == "types") entry.types = words_of(value);
    if (field == "uris") entry.uris = words_of(value);
    if (field == "suites") entry.suites = words_of(value);
    if (field == "components") entry.components = words_of(value);
    if (field == "architectures") entry.architectures = words_of(value);
    if (field == "signed-by") entry.signed_by = join(words_of(value), " ");
    if (field == "enabled") enabled = !is_no(std::string(trim(value)));
  };
  for (const auto line : split_lines(stanza)) {
    if (line.starts_with("#")) continue;
    const auto colon = line.find(':');
    if (is_continued(line)) {
      value += " " + std::string(line);
    } else if (colon != std::string_view::npos) {
      finish();
      field = field_of_line(line);
      value = line.substr(colon + 1);
    } else {  // neither a field nor more of one: what follows belongs to nothing
      finish();
      field.clear();
      value.clear();
    }
  }
  finish();
  return enabled && !entry.uris.empty() ? std::optional(entry) : std::nullopt;
}

/// From where to where in a text.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Piece> lines_in(std::string_view text) {
  std::vector<Piece> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back({at, end});
    at = end + 1;
  }
  return lines;
}

/// What blank lines separate.
std::vector<Piece> stanzas_in(std::string_view text) {
  std::vector<Piece> stanzas;
  bool inside = false;
  for (const auto& line : lines_in(text)) {
    const bool blank = trim(text.substr(line.begin, line.end - line.begin)).empty();
    if (!blank && !inside) stanzas.push_back(line);
    if (!blank) stanzas.back().end = line.end;
    inside = !blank;
  }
  return stanzas;
}

bool share(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  if (left.empty() || right.empty()) return true;  // not said means all
  return std::any_of(left.begin(), left.end(), [&](const auto& each) {
    return std::find(right.begin(), right.end(), each) != right.end();
  });
}

/// One combination of address and suite; a flat one's suite is part of the location.
struct Archive {
  std::string scheme;
  std::string location;
  std::string suite;
};

/// Each address with each suite; beyond what anybody writes, no further.
std::vector<Archive> archives_of(const SourceEntry& entry) {
  constexpr std::size_t most = 1000;
  std::vector<Archive> archives;
  for (const auto& uri : entry.uris) {
    for (const auto& suite : entry.suites) {
      if (archives.size() == most) return archives;
      archives.push_back({to_lower(uri.substr(0, uri.find(':'))), archive_location(uri, suite),
                          suite.ends_with("/") ? std::string() : suite});
    }
  }
  return archives;
}

}  // namespace

std::vector<SourceEntry> parse_sources(const std::string& file, const std::string& text) {
  std::vector<SourceEntry> entries;
  const bool deb822 = file.ends_with(".sources");
  for (const auto& piece : deb822 ? stanzas_in(text) : lines_in(text)) {
    const auto part = std::string_view(text).substr(piece.begin, piece.end - piece.begin);
    auto entry = deb822 ? parse_stanza(part) : parse_line(part);
    if (!entry) continue;
    entry->file = file;
    entry->deb822 = deb822;
    entry->begin = piece.begin;
    entry->end = piece.end;
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<std::vector<SourceEntry>> host_sources(const HostReader& host) {
  constexpr const char* folder = "/etc/apt/sources.list.d";
  std::vector<std::string> files = {"/etc/apt/sources.list"};
  const auto entries = host.list(folder);
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (entry.name.ends_with(".list") || entry.name.ends_with(".sources"))
      files.push_back(join_path(folder, entry.name));
  }
  std::vector<SourceEntry> all;
  for (const auto& file : files) {
    const auto text = host.read_file(file);
    if (!text) return text.error();
    if (!*text) continue;
    for (auto& entry : parse_sources(file, **text)) all.push_back(std::move(entry));
  }
  return all;
}

std::string archive_location(const std::string& uri, const std::string& suite) {
  std::string rest = uri;
  for (const std::string scheme : {"http://", "https://"}) {
    if (to_lower(rest.substr(0, scheme.size())) != scheme) continue;
    rest = rest.substr(scheme.size());
    const auto slash = std::min(rest.find('/'), rest.size());
    auto server = rest.substr(0, slash);
    server = server.substr(server.rfind('@') == std::string::npos ? 0 : server.rfind('@') + 1);
    const std::string port = scheme == "http://" ? ":80" : ":443";
    if (server.ends_with(port)) server.resize(server.size() - port.size());
    rest = "//" + to_lower(server) + rest.substr(slash);
    break;
  }
  if (suite.ends_with("/")) rest += "/" + (suite == "/" || suite == "./" ? "" : suite);
  if (rest.size() > 2)
    rest.erase(std::unique(rest.begin() + 2, rest.end(), [](char a, char b) { return a == '/' && b == '/'; }),
               rest.end());
  while (rest.size() > 2 && rest.back() == '/') rest.pop_back();
  return rest;
}

bool same_archive(const SourceEntry& left, const SourceEntry& right) {
  // A flat archive has no components.
  const bool overlap = share(left.types, right.types) && share(left.architectures, right.architectures) &&
                       share(left.components, right.components);
  const bool other_key = left.signed_by != right.signed_by;
  for (const auto& one : archives_of(left)) {
    for (const auto& other : archives_of(right)) {
      if (one.location != other.location || one.suite != other.suite) continue;
      if (overlap || (other_key && one.scheme == other.scheme)) return true;
    }
  }
  return false;
}

std::optional<std::string> inline_key(const std::string& signed_by) {
  constexpr std::string_view begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
  constexpr std::string_view end = "-----END PGP PUBLIC KEY BLOCK-----";
  const auto last = signed_by.find(end);
  if (!signed_by.starts_with(begin) || last == std::string::npos) return std::nullopt;
  // What stands before the dot, which is an empty line, are headers.
  const auto dot = signed_by.find(" . ");
  if (dot == std::string::npos || dot > last) return std::nullopt;
  std::string made = std::string(begin) + "\n\n";
  for (const auto& line : words_of(std::string_view(signed_by).substr(dot + 3, last - dot - 3)))
    made += line + "\n";
  return made + std::string(end) + "\n";
}

std::string without_entry(const std::string& text, const SourceEntry& entry) {
  auto changed = text;
  if (!entry.deb822)
    return changed.insert(entry.begin, "# switched off by mlenvctl, another file names this archive: ");
  // The field goes behind leading comments, which may not stand alone before it in old versions of apt; and
  // it may be there once only.
  std::string stanza;
  bool said = false;
  for (const auto& line : lines_in(std::string_view(text).substr(entry.begin, entry.end - entry.begin))) {
    const auto content = text.substr(entry.begin + line.begin, line.end - line.begin);
    if (field_of_line(content) == "enabled") continue;
    if (!said && !content.starts_with("#") && !is_continued(content)) {
      stanza += "Enabled: no\n";
      said = true;
    }
    stanza += content + "\n";
  }
  stanza.pop_back();
  return changed.replace(entry.begin, entry.end - entry.begin, stanza);
}

}  // namespace mlenv
