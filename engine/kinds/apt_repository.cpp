#include "kinds/apt_repository.hpp"

#include <algorithm>

#include "base/deb_version.hpp"
#include "base/openpgp.hpp"
#include "base/text.hpp"
#include "kinds/dpkg_status.hpp"
#include "kinds/paths.hpp"

namespace mlenv {
namespace {

std::string mark_of(const Repository& want) { return "# made by mlenvctl (" + want.address + ")\n"; }

bool is_ours(const std::string& text) { return text.starts_with("# made by mlenvctl ("); }

/// apt reads deb822 sources since 1.1. Source: apt's changelog, 1.1~exp9.
bool reads_deb822(const ProbeScope& scope) {
  const auto* apt = dpkg_database(scope).packages.find("apt");
  const auto version = DebVersion::parse(apt == nullptr ? "" : apt->version);
  return !version || *version >= *DebVersion::parse("1.1");
}

std::string deb822_text(const Repository& want) {
  std::string text = mark_of(want) + "Types: " + join(want.types, " ") + "\nURIs: " + join(want.uris, " ") +
                     "\nSuites: " + join(want.suites, " ") + "\n";
  if (!want.components.empty()) text += "Components: " + join(want.components, " ") + "\n";
  if (!want.architectures.empty()) text += "Architectures: " + join(want.architectures, " ") + "\n";
  if (!want.fingerprints.empty()) text += "Signed-By: " + want.keyring_path() + "\n";
  return text;
}

std::string one_line_text(const Repository& want) {
  std::string options;
  if (!want.architectures.empty()) options += "arch=" + join(want.architectures, ",");
  if (!want.fingerprints.empty())
    options += (options.empty() ? "" : " ") + ("signed-by=" + want.keyring_path());
  std::string text = mark_of(want);
  for (const auto& type : want.types) {
    for (const auto& uri : want.uris) {
      for (const auto& suite : want.suites) {
        text += type + (options.empty() ? " " : " [" + options + "] ") + uri + " " + suite;
        if (!want.components.empty()) text += " " + join(want.components, " ");
        text += "\n";
      }
    }
  }
  return text;
}

std::string source_text(const Repository& want, const std::string& path) {
  return path.ends_with(".sources") ? deb822_text(want) : one_line_text(want);
}

SourceEntry entry_of(const Repository& want) {
  return {{}, true, 0, 0, want.types, want.uris, want.suites, want.components, want.architectures};
}

bool keys_fit(const Repository& want, const std::vector<std::string>& found) {
  const auto allowed = [&](const std::string& each) {
    return std::find(want.fingerprints.begin(), want.fingerprints.end(), each) != want.fingerprints.end();
  };
  return !found.empty() && std::all_of(found.begin(), found.end(), allowed);
}

/// The attributes in which our own source file differs; its text alone is no attribute.
std::vector<Difference> source_differences(const Repository& want, const RepositoryState& have) {
  std::vector<Difference> differences;
  const auto add = [&](const char* name, const std::string& before, const std::string& after) {
    if (before != after)
      differences.push_back(
          {name, have.source && !before.empty() ? std::optional(before) : std::nullopt, after});
  };
  const auto entries =
      have.source ? parse_sources(have.source_path, *have.source) : std::vector<SourceEntry>();
  const auto found = entries.empty() ? SourceEntry() : entries.front();
  add("uris", mask_credentials(join(found.uris, " ")), mask_credentials(join(want.uris, " ")));
  add("suites", join(found.suites, " "), join(want.suites, " "));
  add("components", join(found.components, " "), join(want.components, " "));
  add("architectures", join(found.architectures, " "), join(want.architectures, " "));
  if (differences.empty() && have.source != source_text(want, have.source_path)) {
    differences.push_back(
        {"source file", have.source ? std::optional("edited by hand") : std::nullopt, have.source_path});
  }
  return differences;
}

/// A file that names nothing else goes aside whole; in a shared one the entry alone is switched off.
void disable_duplicates(const RepositoryState& have, AddRepository& step, Decision& decision) {
  std::map<std::string, std::vector<const SourceEntry*>> by_file;
  for (const auto& entry : have.duplicates) by_file[entry.file].push_back(&entry);
  for (const auto& [file, entries] : by_file) {
    const bool whole = entries.size() == have.entries.at(file) && file != "/etc/apt/sources.list";
    decision.differences.push_back(
        {"duplicate in " + file, "active", whole ? "set aside as " + file + ".disabled" : "switched off"});
    if (whole) {
      step.disabled.push_back({file, file + ".disabled", Privilege::root});
      continue;
    }
    auto text = have.sharers.at(file);
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) text = without_entry(text, **entry);
    step.replaced.push_back({file, text, std::nullopt, {}, Privilege::root});
  }
}

Decision removal(const Repository& want, const RepositoryState& have) {
  if (have.source && !is_ours(*have.source)) {
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
  if (have.pin && is_ours(*have.pin)) remove(want.pin_path);
  if (have.source && have.keyring_there) remove(want.keyring_path());
  if (decision.steps.empty()) return {};
  if (have.source) decision.steps.emplace_back(UpdateIndex{});
  return decision;
}

}  // namespace

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
  state.source = std::move(*source);
  state.pin = std::move(*pin);
  state.keyring_there = keyring->has_value();
  if (*keyring) {
    const auto keys = public_keys(**keyring);  // a damaged keyring holds no key that fits
    if (keys) {
      for (const auto& key : *keys) state.fingerprints.push_back(key.fingerprint);
    }
  }
  const auto sources = host_sources(scope.host);
  if (!sources) return sources.error();
  for (const auto& entry : *sources) {
    ++state.entries[entry.file];
    if (entry.file != state.source_path && same_archive(entry, entry_of(want)))
      state.duplicates.push_back(entry);
  }
  for (const auto& entry : state.duplicates) {
    const auto text = scope.host.read_file(entry.file);
    if (!text) return text.error();
    state.sharers[entry.file] = text->value_or("");
  }
  return state;
}

Decision diff_repository(const Repository& want, const RepositoryState& have) {
  if (want.state == Presence::absent) return removal(want, have);
  if (have.source && !is_ours(*have.source)) {
    return manual("`" + have.source_path + "` is there and was not made by mlenvctl", "path.foreign",
                  "remove it, or give this resource another name");
  }
  Decision decision{Action::none, {}, source_differences(want, have), {}, {}};
  if (!want.fingerprints.empty() && !keys_fit(want, have.fingerprints)) {
    const auto before =
        have.fingerprints.empty() ? std::nullopt : std::optional(join(have.fingerprints, " "));
    decision.differences.push_back({"key", before, want.fingerprints.front()});
  }
  const auto pin = want.pin_content.empty() ? std::string() : mark_of(want) + want.pin_content;
  if (!pin.empty() && have.pin != pin) {
    decision.differences.push_back(
        {"pin", have.pin ? std::optional("otherwise") : std::nullopt, want.pin_path});
  }
  AddRepository step;
  disable_duplicates(have, step, decision);
  if (decision.differences.empty()) return {};
  decision.action = have.source ? Action::update : Action::create;
  decision.because = have.source ? "it is not as declared" : "it is not declared to apt";
  step.name = want.name;
  step.key_locations = want.key_locations;
  step.key_text = want.key_text;
  step.fingerprints = want.fingerprints;
  if (!want.fingerprints.empty()) step.keyring_path = want.keyring_path();
  step.source_path = have.source_path;
  step.source_content = source_text(want, have.source_path);
  step.pin_path = pin.empty() ? "" : want.pin_path;
  step.pin_content = pin;
  decision.steps.emplace_back(std::move(step));
  return decision;
}

}  // namespace mlenv
