#include "kinds/apt_repository.hpp"

#include <algorithm>
#include <set>

#include "base/deb_version.hpp"
#include "base/openpgp.hpp"
#include "base/text.hpp"
#include "host/recorded_host.hpp"
#include "kinds/paths.hpp"
#include "resource/dpkg_status.hpp"
#include "resource/kind.hpp"

namespace mlenv {
namespace {

/// apt reads deb822 sources since 1.1. Source: apt's changelog, 1.1~exp9.
bool reads_deb822(const ProbeScope& scope) {
  const auto apt = dpkg_database(scope).packages.find("apt");
  const auto version = DebVersion::parse(apt ? apt->version : "");
  return !version || *version >= *DebVersion::parse("1.1");
}

/// The keyring that its source names; empty: apt's own.
std::string signed_by(const Repository& want) {
  return want.fingerprints.empty() ? want.signed_by : want.keyring_path();
}

std::string deb822_text(const Repository& want) {
  std::string text = mark_of(want.address) + "Types: " + join(want.types, " ") +
                     "\nURIs: " + join(want.uris, " ") + "\nSuites: " + join(want.suites, " ") + "\n";
  if (!want.components.empty()) text += "Components: " + join(want.components, " ") + "\n";
  if (!want.architectures.empty()) text += "Architectures: " + join(want.architectures, " ") + "\n";
  if (const auto keyring = signed_by(want); !keyring.empty()) text += "Signed-By: " + keyring + "\n";
  return text;
}

std::string one_line_text(const Repository& want) {
  std::string options;
  if (!want.architectures.empty()) options += "arch=" + join(want.architectures, ",");
  if (const auto keyring = signed_by(want); !keyring.empty())
    options += (options.empty() ? "" : " ") + ("signed-by=" + keyring);
  std::vector<std::string> lines;
  for (const auto& type : want.types) {
    for (const auto& uri : want.uris) {
      for (const auto& suite : want.suites) {
        std::vector<std::string> words = {type, uri, suite};
        if (!options.empty()) words.insert(words.begin() + 1, "[" + options + "]");
        words.insert(words.end(), want.components.begin(), want.components.end());
        lines.push_back(join(words, " "));
      }
    }
  }
  return mark_of(want.address) + join(lines, "\n") + "\n";
}

std::string source_text(const Repository& want, const std::string& path) {
  return path.ends_with(".sources") ? deb822_text(want) : one_line_text(want);
}

SourceEntry entry_of(const Repository& want) {
  SourceEntry entry;
  entry.types = want.types;
  entry.uris = want.uris;
  entry.suites = want.suites;
  entry.components = want.components;
  entry.architectures = want.architectures;
  entry.signed_by = signed_by(want);
  return entry;
}

/// A damaged keyring holds no key that fits.
std::vector<std::string> fingerprints_in(const std::string& keyring) {
  std::vector<std::string> all;
  const auto keys = public_keys(keyring);
  if (!keys) return all;
  for (const auto& key : *keys) all.push_back(key.fingerprint);
  return all;
}

bool keys_fit(const Repository& want, const std::vector<std::string>& found) {
  const auto allowed = [&](const std::string& each) {
    return std::find(want.fingerprints.begin(), want.fingerprints.end(), each) != want.fingerprints.end();
  };
  return !found.empty() && std::all_of(found.begin(), found.end(), allowed);
}

void add_new(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const auto& each : from) {
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
  }
}

/// All entries of a file as one: the one-line style says a repository in several.
SourceEntry combined(const std::string& path, const std::string& text) {
  SourceEntry all;
  for (const auto& entry : parse_sources(path, text)) {
    add_new(all.types, entry.types);
    add_new(all.uris, entry.uris);
    add_new(all.suites, entry.suites);
    add_new(all.components, entry.components);
    add_new(all.architectures, entry.architectures);
    all.signed_by = entry.signed_by;
  }
  return all;
}

/// The attributes in which our own source file differs; its text alone is no attribute.
std::vector<Difference> source_differences(const Repository& want, const RepositoryState& have) {
  const auto text = source_text(want, have.source_path);
  if (have.source == text) return {};
  std::vector<Difference> differences;
  const auto add = [&](const char* name, const std::string& before, const std::string& after) {
    const auto shown = [](const std::string& value) {
      return value.empty() ? std::nullopt : std::optional(mask_credentials(value));
    };
    if (before != after) differences.push_back({name, shown(before), shown(after)});
  };
  const auto found = combined(have.source_path, have.source.value_or(""));
  const auto wanted = combined(have.source_path, text);
  if (have.source) add("types", join(found.types, " "), join(wanted.types, " "));
  add("uris", join(found.uris, " "), join(wanted.uris, " "));
  add("suites", join(found.suites, " "), join(wanted.suites, " "));
  add("components", join(found.components, " "), join(wanted.components, " "));
  add("architectures", join(found.architectures, " "), join(wanted.architectures, " "));
  if (have.source) add("keyring", found.signed_by, wanted.signed_by);
  if (differences.empty()) differences.push_back({"source file", "written otherwise", have.source_path});
  return differences;
}

/// A pin file in few words: `* release l=NVIDIA CUDA 600`, one stanza after the other.
std::string pin_words(const std::string& text) {
  std::vector<std::string> stanzas = {""};
  for (const auto line : split_lines(text)) {
    const auto colon = line.find(':');
    if (trim(line).empty() && !stanzas.back().empty()) stanzas.emplace_back();
    if (line.starts_with("#") || colon == std::string_view::npos) continue;
    stanzas.back() += (stanzas.back().empty() ? "" : " ") + std::string(trim(line.substr(colon + 1)));
  }
  if (stanzas.back().empty()) stanzas.pop_back();
  return join(stanzas, "; ");
}

bool pin_fits(const Repository& want, const RepositoryState& have) {
  return want.pin_content.empty() || (have.pin && same_pins(*have.pin, want.pin_content));
}

void compare_pin(const Repository& want, const RepositoryState& have, Decision& decision) {
  if (pin_fits(want, have)) return;
  decision.differences.push_back(
      {"pin", have.pin ? std::optional(pin_words(*have.pin)) : std::nullopt, pin_words(want.pin_content)});
}

/// What an earlier declaration brought and this one no longer does.
void remove_leftovers(const Repository& want, const RepositoryState& have, Decision& decision) {
  const auto remove = [&](const char* attribute, const std::string& path) {
    decision.differences.push_back({attribute, path, std::nullopt});
    decision.steps.emplace_back(RemovePath{path, false, Privilege::root});
  };
  if (want.pin_content.empty() && have.pin && have.pin->starts_with(mark_of(want.address)))
    remove("pin", want.pin_path);
  const bool ours = have.source && have.source->find(want.keyring_path()) != std::string::npos;
  if (want.fingerprints.empty() && have.keyring_there && ours) remove("key", want.keyring_path());
}

/// True when switching the entry off would take components from the host that this repository does not bring.
bool holds_more(const SourceEntry& entry, const Repository& want) {
  return std::any_of(entry.components.begin(), entry.components.end(), [&](const std::string& each) {
    return std::find(want.components.begin(), want.components.end(), each) == want.components.end();
  });
}

/// A file that names nothing else goes aside whole; in a shared one the entry alone is switched off.
void disable_duplicates(const RepositoryState& have, AddRepository& step, Decision& decision) {
  std::map<std::string, std::vector<const SourceEntry*>> by_file;
  for (const auto& entry : have.duplicates) by_file[entry.file].push_back(&entry);
  for (const auto& [file, entries] : by_file) {
    const bool whole = entries.size() == have.entries.at(file) && file != "/etc/apt/sources.list";
    decision.differences.push_back(
        {"duplicate in " + file, "active", whole ? "set aside as " + have.aside.at(file) : "switched off"});
    if (whole) {
      step.disabled.push_back({file, have.aside.at(file), Privilege::root});
      continue;
    }
    auto text = have.sharers.at(file);
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) text = without_entry(text, **entry);
    step.replaced.push_back({file, text, std::nullopt, {}, Privilege::root});
  }
}

AddRepository filled(AddRepository step, const Repository& want, const RepositoryState& have) {
  step.name = want.name;
  step.key_locations = want.key_locations;
  step.key_text = want.key_text;
  step.fingerprints = want.fingerprints;
  if (!want.fingerprints.empty()) step.keyring_path = want.keyring_path();
  step.source_path = have.source_path;
  step.source_content = source_text(want, have.source_path);
  if (want.pin_content.empty()) return step;
  step.pin_path = want.pin_path;
  // A pin that says the same is left as it is, whoever wrote it.
  step.pin_content = have.pin && pin_fits(want, have) ? *have.pin : mark_of(want.address) + want.pin_content;
  return step;
}

Decision removal(const Repository& want, const RepositoryState& have) {
  if (have.source && !is_marked(*have.source)) {
    return manual("`" + have.source_path + "` was not made by mlenvctl", "path.foreign",
                  "remove it yourself");
  }
  Decision decision{Action::remove, "it is declared absent", {}, {}, {}};
  const auto remove = [&](const std::string& path) {
    decision.differences.push_back({path, "there", std::nullopt});
    decision.steps.emplace_back(RemovePath{path, false, Privilege::root});
  };
  // The source goes first: without it nothing refers to the keyring any more.
  if (have.source) remove(have.source_path);
  if (have.pin && have.pin->starts_with(mark_of(want.address))) remove(want.pin_path);
  if (have.source && have.keyring_there) remove(want.keyring_path());
  if (decision.steps.empty()) return {};
  if (have.source) decision.steps.emplace_back(UpdateIndex{});
  return decision;
}

/// Where a file can be set aside; apt passes over this extension without a word.
std::string free_place(const std::string& file, const HostReader& host) {
  auto place = file + ".disabled";
  for (int count = 2; exists(host, place); ++count) place = file + "." + std::to_string(count) + ".disabled";
  return place;
}

Result<Done> find_duplicates(const Repository& want, const std::vector<SourceEntry>& sources,
                             const HostReader& host, RepositoryState& state) {
  for (const auto& entry : sources) {
    ++state.entries[entry.file];
    if (entry.file == state.source_path || !same_archive(entry, entry_of(want))) continue;
    if (!holds_more(entry, want)) {
      state.duplicates.push_back(entry);
    } else if (entry.signed_by != signed_by(want)) {
      state.refused_with = entry;
    }
  }
  for (const auto& entry : state.duplicates) {
    const auto text = host.read_file(entry.file);
    if (!text) return text.error();
    state.sharers[entry.file] = text->value_or("");
    state.aside[entry.file] = free_place(entry.file, host);
  }
  return Done{};
}

/// What apt takes by an entry: each type of each archive, with component and architectures. Nothing where
/// that is more than anybody writes.
std::set<std::string> taken_by(const SourceEntry& entry) {
  constexpr std::size_t most = 1000;
  std::set<std::string> taken;
  const auto components = entry.components.empty() ? std::vector<std::string>{""} : entry.components;
  if (entry.types.size() * entry.uris.size() * entry.suites.size() * components.size() > most) return taken;
  for (const auto& type : entry.types) {
    for (const auto& uri : entry.uris) {
      for (const auto& suite : entry.suites) {
        const auto place = archive_location(uri, suite) + " " + (suite.ends_with("/") ? "" : suite);
        for (const auto& component : components)
          taken.insert(join({type, place, component, join(entry.architectures, ",")}, " "));
      }
    }
  }
  return taken;
}

/// Whether apt goes by a wanted key for an entry. Without a keyring of its own those that count for all do.
bool key_fits(const Repository& want, const SourceEntry& entry, const HostReader& host) {
  if (want.fingerprints.empty()) return entry.signed_by == want.signed_by;
  if (const auto key = inline_key(entry.signed_by)) return keys_fit(want, fingerprints_in(*key));
  if (!entry.signed_by.empty())
    return entry.signed_by.starts_with("/") && keys_fit(want, keyring_fingerprints(host, entry.signed_by));
  const auto known = global_fingerprints(host);
  return std::any_of(known.begin(), known.end(), [&](const std::string& each) {
    return std::find(want.fingerprints.begin(), want.fingerprints.end(), each) != want.fingerprints.end();
  });
}

/// The first of the files that others have written and that together say just this.
std::string find_equal(const Repository& want, const std::vector<SourceEntry>& sources,
                       const HostReader& host) {
  std::set<std::string> taken;
  std::string file;
  for (const auto& entry : sources) {
    if (!same_archive(entry, entry_of(want))) continue;
    if (!key_fits(want, entry, host)) return {};
    taken.merge(taken_by(entry));
    if (file.empty()) file = entry.file;
  }
  return !taken.empty() && taken == taken_by(entry_of(want)) ? file : std::string();
}

}  // namespace

std::vector<std::string> keyring_fingerprints(const HostReader& host, const std::string& path) {
  const auto text = host.read_file(path);
  return text && *text ? fingerprints_in(**text) : std::vector<std::string>();
}

std::vector<std::string> global_keyrings(const HostReader& host) {
  const std::string folder = "/etc/apt/trusted.gpg.d";
  std::vector<std::string> files = {"/etc/apt/trusted.gpg"};
  const auto entries = host.list(folder);
  for (const auto& entry : entries ? *entries : std::vector<DirectoryEntry>()) {
    if (entry.name.ends_with(".gpg") || entry.name.ends_with(".asc"))
      files.push_back(join_path(folder, entry.name));
  }
  return files;
}

std::vector<std::string> global_fingerprints(const HostReader& host) {
  std::vector<std::string> all;
  for (const auto& file : global_keyrings(host)) {
    const auto some = keyring_fingerprints(host, file);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

bool same_pins(const std::string& one, const std::string& other) {
  return pin_words(one) == pin_words(other);
}

Result<RepositoryState> probe_repository(const Repository& want, const ProbeScope& scope) {
  RepositoryState state;
  state.source_path = "/etc/apt/sources.list.d/" + want.name + (reads_deb822(scope) ? ".sources" : ".list");
  const auto read = [&](const std::string& path) {
    return path.empty() ? Result(std::optional<std::string>()) : scope.host.read_file(path);
  };
  auto source = read(state.source_path), pin = read(want.pin_path), keyring = read(want.keyring_path());
  if (!source) return source.error();
  if (!pin) return pin.error();
  if (!keyring) return keyring.error();
  if (*source && (*source)->find(left_out) != std::string::npos)
    return Error{"host.left-out", std::string(left_out_reason), {}};
  state.source = std::move(*source);
  state.pin = std::move(*pin);
  state.keyring_there = keyring->has_value();
  state.fingerprints = keyring_fingerprints(scope.host, want.keyring_path());
  const auto sources = host_sources(scope.host);
  if (!sources) return sources.error();
  const auto found = find_duplicates(want, *sources, scope.host, state);
  if (!found) return found.error();
  if (!state.source || !is_marked(*state.source)) state.stands_in = find_equal(want, *sources, scope.host);
  return state;
}

Decision diff_repository(const Repository& want, const RepositoryState& have) {
  if (want.state == Presence::absent) return removal(want, have);
  if (!have.stands_in.empty() && pin_fits(want, have))
    return {Action::none, "`" + have.stands_in + "` declares it", {}, {}, {}};
  if (have.source && !is_marked(*have.source)) {
    return manual("`" + have.source_path + "` is there and was not made by mlenvctl", "path.foreign",
                  "remove it, or give this resource another name");
  }
  if (have.refused_with) {
    const auto& other = *have.refused_with;
    return manual("`" + other.file + "` names this archive with other components and " +
                      (other.signed_by.empty() ? "no key of its own" : "the key " + other.signed_by) +
                      ", and apt refuses two keys for one archive",
                  "apt.other-key",
                  other.signed_by.empty() ? "leave `key` out" : "write `signed_by: " + other.signed_by + "`");
  }
  Decision decision{Action::none, {}, source_differences(want, have), {}, {}};
  if (!want.fingerprints.empty() && !keys_fit(want, have.fingerprints)) {
    const auto before =
        have.fingerprints.empty() ? std::nullopt : std::optional(join(have.fingerprints, " "));
    decision.differences.push_back({"key", before, want.fingerprints.front()});
  }
  compare_pin(want, have, decision);
  AddRepository step;
  disable_duplicates(have, step, decision);
  if (!decision.differences.empty()) decision.steps.emplace_back(filled(std::move(step), want, have));
  remove_leftovers(want, have, decision);
  if (decision.differences.empty()) return {};
  decision.action = have.source ? Action::update : Action::create;
  decision.because = have.source ? "it is not as declared" : "it is not declared to apt";
  return decision;
}

}  // namespace mlenv
