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

std::optional<SourceEntry> parse_line(std::string_view line) {
  line = trim(line.substr(0, line.find('#')));
  SourceEntry entry;
  const auto open = line.find('['), close = line.find(']');
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    for (const auto& option : words_of(line.substr(open + 1, close - open - 1))) {
      if (!option.starts_with("arch=")) continue;
      for (const auto arch : split(std::string_view(option).substr(5), ','))
        entry.architectures.emplace_back(arch);
    }
  }
  auto words = words_of(open == std::string_view::npos ? line : line.substr(0, open));
  if (open != std::string_view::npos && close != std::string_view::npos) {
    for (auto& word : words_of(line.substr(close + 1))) words.push_back(std::move(word));
  }
  if (words.size() < 3 || (words[0] != "deb" && words[0] != "deb-src")) return std::nullopt;
  entry.types = {words[0]};
  entry.uris = {words[1]};
  entry.suites = {words[2]};
  entry.components.assign(words.begin() + 3, words.end());
  return entry;
}

bool is_no(const std::string& value) {
  const auto lower = to_lower(value);
  return lower == "no" || lower == "false" || lower == "off" || lower == "without" || lower == "disable";
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
    if (field == "enabled") enabled = !is_no(std::string(trim(value)));
  };
  for (const auto line : split_lines(stanza)) {
    if (line.starts_with("#")) continue;
    const auto colon = line.find(':');
    if (!line.empty() && (line[0] == ' ' || line[0] == '\t')) {
      value += " " + std::string(line);
    } else if (colon != std::string_view::npos) {
      finish();
      field = to_lower(trim(line.substr(0, colon)));
      value = line.substr(colon + 1);
    }
  }
  finish();
  return enabled && !entry.uris.empty() ? std::optional(entry) : std::nullopt;
}

template <class Parse>
void add_pieces(const std::string& text, const std::string& separator, Parse parse, bool deb822,
                const std::string& file, std::vector<SourceEntry>& entries) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(separator, at), text.size());
    if (auto entry = parse(std::string_view(text).substr(at, end - at))) {
      entry->file = file;
      entry->deb822 = deb822;
      entry->begin = at;
      entry->end = end;
      entries.push_back(std::move(*entry));
    }
    at = std::min(end + separator.size(), text.size());
  }
}

bool share(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  if (left.empty() || right.empty()) return true;  // not said means all
  return std::any_of(left.begin(), left.end(), [&](const auto& each) {
    return std::find(right.begin(), right.end(), each) != right.end();
  });
}

/// Location and suite of every combination; a flat one's suite is part of the location.
std::vector<std::pair<std::string, std::string>> archives_of(const SourceEntry& entry) {
  std::vector<std::pair<std::string, std::string>> archives;
  for (const auto& uri : entry.uris) {
    for (const auto& suite : entry.suites) {
      const bool flat = suite.ends_with("/");
      archives.emplace_back(archive_location(uri, suite), flat ? "" : suite);
    }
  }
  return archives;
}

}  // namespace

std::vector<SourceEntry> parse_sources(const std::string& file, const std::string& text) {
  std::vector<SourceEntry> entries;
  if (file.ends_with(".sources")) {
    add_pieces(text, "\n\n", parse_stanza, true, file, entries);
  } else {
    add_pieces(text, "\n", parse_line, false, file, entries);
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
  while (rest.find("//", 2) != std::string::npos) rest.erase(rest.find("//", 2), 1);
  while (rest.size() > 2 && rest.back() == '/') rest.pop_back();
  return rest;
}

bool same_archive(const SourceEntry& left, const SourceEntry& right) {
  if (!share(left.types, right.types) || !share(left.architectures, right.architectures)) return false;
  const auto theirs = archives_of(right);
  const auto ours = archives_of(left);
  return std::any_of(ours.begin(), ours.end(), [&](const auto& each) {
    return std::find(theirs.begin(), theirs.end(), each) != theirs.end();
  });
}

std::string without_entry(const std::string& text, const SourceEntry& entry) {
  const std::string mark =
      entry.deb822 ? "Enabled: no\n" : "# switched off by mlenvctl, another file names this archive: ";
  auto changed = text;
  // In a stanza the field goes behind leading comments, which may not stand alone before it in old versions
  // of apt.
  auto at = entry.begin;
  while (entry.deb822 && at < changed.size() && (changed[at] == '#' || changed[at] == '\n')) {
    at = std::min(changed.find('\n', at), changed.size() - 1) + 1;
  }
  return changed.insert(at, mark);
}

}  // namespace mlenv
