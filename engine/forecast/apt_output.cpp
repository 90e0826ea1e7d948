#include "forecast/apt_output.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace mlenv {
namespace {

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The text between the first `open` and the next `close`; empty when there is none.
std::string_view between(std::string_view text, char open, char close) {
  const auto begin = text.find(open);
  const auto end = begin == std::string_view::npos ? begin : text.find(close, begin);
  return end == std::string_view::npos ? std::string_view() : text.substr(begin + 1, end - begin - 1);
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

/// `libfoo [1.0] (2.0 Debian:12/stable, Debian-Security:12 [amd64]) []` behind `Inst `.
SimulatedChange parse_inst(std::string_view line) {
  SimulatedChange change;
  change.effect.name = std::string(first_word(line));
  const auto rest = line.substr(change.effect.name.size());
  const auto open = rest.find('(');
  change.effect.before = std::string(between(rest.substr(0, open), '[', ']'));
  if (open == std::string_view::npos) return change;
  // An origin may hold brackets of its own; the architecture is in the last pair before the end.
  const auto inner = rest.substr(open + 1);
  const auto arch_begin = inner.find(" ["), arch_end = inner.find("])");
  change.effect.after = std::string(first_word(inner));
  if (arch_begin == std::string_view::npos || arch_end == std::string_view::npos) return change;
  const auto begin = inner.rfind('[', arch_end);
  change.architecture = std::string(inner.substr(begin + 1, arch_end - begin - 1));
  auto origin = inner.substr(0, begin);
  origin.remove_prefix(std::min(origin.size(), change.effect.after.size()));
  change.origin = std::string(trim(origin.substr(0, origin.find(','))));
  return change;
}

/// The package names of a dependency field: `a (>= 1), b | c:any` gives a, b, c.
void add_names(std::string_view field, std::vector<std::string>& names) {
  for (const auto part : split(field, ',')) {
    for (const auto alternative : split(part, '|')) {
      auto name = first_word(trim(alternative));
      name = name.substr(0, name.find(':'));
      if (!name.empty()) names.emplace_back(name);
    }
  }
}

void take_field(PackageStanza& stanza, std::string_view key, std::string_view value) {
  if (key == "Package") stanza.name = std::string(value);
  if (key == "Version") stanza.version = std::string(value);
  if (key == "Architecture") stanza.architecture = std::string(value);
  if (key == "Filename") stanza.file = std::string(value);
  if (key == "Size") stanza.download_bytes = number_of(value);
  if (key == "Installed-Size") stanza.installed_bytes = number_of(value) * 1024;
  if (key == "Pre-Depends" || key == "Depends" || key == "Recommends") add_names(value, stanza.brings);
  if (key == "Provides") add_names(value, stanza.provides);
}

/// Warnings about what apt takes all the same: where a key is kept, a signature that will not do some day.
bool is_harmless(std::string_view warning) {
  static constexpr std::array<std::string_view, 4> signs = {
      "legacy trusted.gpg", "Policy will reject signature", "performed unsandboxed", "weak digest"};
  return std::any_of(signs.begin(), signs.end(),
                     [&](auto sign) { return warning.find(sign) != std::string_view::npos; });
}

constexpr std::array<std::string_view, 6> relations = {
    "PreDepends: ", "Depends: ", "Recommends: ", "Conflicts: ", "Breaks: ", "Replaces: "};

/// `Depends: libcudnn8 (= 8.0.5) but 8.9 is to be installed`.
std::optional<UnmetDependency> parse_relation(std::string_view text, const std::string& package) {
  for (const auto relation : relations) {
    if (!text.starts_with(relation)) continue;
    auto rest = text.substr(relation.size());
    UnmetDependency unmet{package, std::string(relation.substr(0, relation.size() - 2)), {}, {}, {}};
    unmet.target = std::string(first_word(rest));
    rest.remove_prefix(unmet.target.size());
    const auto but = rest.find(" but ");
    unmet.wanted = std::string(trim(rest.substr(0, but)));
    if (but != std::string_view::npos) unmet.because = std::string(trim(rest.substr(but + 5)));
    return unmet;
  }
  return std::nullopt;
}

}  // namespace

std::vector<SimulatedChange> parse_simulation(std::string_view text) {
  std::vector<SimulatedChange> changes;
  for (const auto line : split_lines(text)) {
    if (line.starts_with("Inst ")) {
      changes.push_back(parse_inst(line.substr(5)));
    } else if (line.starts_with("Remv ") || line.starts_with("Purg ")) {
      const auto rest = line.substr(5);
      changes.push_back({{std::string(first_word(rest)), std::string(between(rest, '[', ']')), {}}, {}, {}});
    }
  }
  return changes;
}

std::vector<PackageStanza> parse_stanzas(std::string_view text) {
  std::vector<PackageStanza> stanzas;
  PackageStanza stanza;
  const auto finish = [&] {
    if (!stanza.name.empty()) stanzas.push_back(std::move(stanza));
    stanza = {};
  };
  for (const auto line : split_lines(text)) {
    if (line.empty()) {
      finish();
    } else if (line.front() != ' ' && line.front() != '\t') {
      const auto colon = line.find(':');
      if (colon != std::string_view::npos)
        take_field(stanza, line.substr(0, colon), trim(line.substr(colon + 1)));
    }
  }
  finish();
  return stanzas;
}

std::vector<PrintedUri> parse_uris(std::string_view text) {
  std::vector<PrintedUri> uris;
  for (const auto line : split_lines(text)) {
    if (!line.starts_with("'")) continue;
    const auto end = line.find('\'', 1);
    if (end == std::string_view::npos) continue;
    const auto words = split(trim(line.substr(end + 1)), ' ');
    if (words.size() < 2) continue;
    uris.push_back({std::string(line.substr(1, end - 1)), std::string(words[0]), number_of(words[1])});
  }
  return uris;
}

std::vector<UnmetDependency> parse_unmet(std::string_view text) {
  std::vector<UnmetDependency> all;
  std::string package;
  for (const auto line : split_lines(text)) {
    if (line.empty() || line.front() != ' ') continue;
    auto rest = trim(line);
    const auto colon = rest.find(" : ");
    if (colon != std::string_view::npos) {
      package = std::string(rest.substr(0, colon));
      rest = trim(rest.substr(colon + 3));
    }
    if (auto unmet = parse_relation(rest, package)) all.push_back(std::move(*unmet));
  }
  return all;
}

std::vector<DebVersion> parse_madison(std::string_view text) {
  std::vector<DebVersion> versions;
  for (const auto line : split_lines(text)) {
    const auto fields = split(line, '|');
    if (fields.size() < 3 || trim(fields[2]).ends_with(" Sources")) continue;
    const auto version = DebVersion::parse(trim(fields[1]));
    if (version && std::find(versions.begin(), versions.end(), *version) == versions.end())
      versions.push_back(*version);
  }
  std::sort(versions.begin(), versions.end(),
            [](const auto& left, const auto& right) { return right < left; });
  return versions;
}

std::string nearest_versions(const std::vector<DebVersion>& versions,
                             const std::optional<DebVersion>& wanted) {
  if (versions.empty()) return "apt knows no package of that name; is its repository declared?";
  constexpr std::ptrdiff_t each_side = 2;
  auto at = std::find_if(versions.begin(), versions.end(),
                         [&](const auto& version) { return wanted && version < *wanted; });
  if (!wanted) at = versions.begin();
  const auto first = at - std::min(each_side, at - versions.begin());
  const auto last = at + std::min(each_side, versions.end() - at);
  std::vector<std::string> names;
  for (auto version = first; version != last; ++version) names.push_back(version->str());
  return "apt knows: " + join(names, ", ");
}

std::string apt_complaint(const Output& output, bool with_warnings) {
  std::vector<std::string> complaints;
  for (const auto* text : {&output.err, &output.out}) {
    for (const auto line : split_lines(*text)) {
      const bool warning = with_warnings && line.starts_with("W: ") && !is_harmless(line);
      if (warning || line.starts_with("E: ") || line.starts_with("dpkg: error")) {
        complaints.push_back(mask_credentials(line.substr(line.find(": ") + 2)));
      }
    }
  }
  constexpr std::size_t shown = 3;
  if (complaints.size() > shown) complaints.resize(shown);
  return join(complaints, "; ");
}

bool passes_by_itself(const std::string& complaint) {
  static constexpr std::array<std::string_view, 12> signs = {"unexpected size",
                                                             "Hash Sum mismatch",
                                                             "Mirror sync",
                                                             "500  ",
                                                             "502  ",
                                                             "503  ",
                                                             "504  ",
                                                             "429  ",
                                                             "timed out",
                                                             "Connection reset",
                                                             "Connection failed",
                                                             "Temporary failure resolving"};
  return std::any_of(signs.begin(), signs.end(),
                     [&](auto sign) { return complaint.find(sign) != std::string::npos; });
}

}  // namespace mlenv
