#include "resource/systemd_unit.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::array<std::string_view, 9> endings = {".service", ".socket", ".timer", ".path",     ".target",
                                                     ".mount",   ".swap",   ".slice", ".automount"};
constexpr int most_aliases = 8;
constexpr const char* booted_path = "/run/systemd/system";  // sd_booted(3)

bool ends_as_unit(std::string_view name) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

/// In systemd's order: what is before hides what is behind.
std::vector<std::string> unit_folders(const UnitPlace& place) {
  if (place.scope == UnitScope::system) {
    return {"/etc/systemd/system",           "/run/systemd/system",     "/run/systemd/generator",
            "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
            "/run/systemd/generator.late"};
  }
  const auto& home = place.user.home;
  return {
      own_unit_folder(UnitScope::user, place.user), "/etc/systemd/user",           "/run/systemd/user",
      home + "/.local/share/systemd/user",          "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"};
}

/// `getty@tty1.service` -> `getty@.service`; empty for what is no instance.
std::string template_of(const std::string& name) {
  const auto at = name.find('@'), dot = name.rfind('.');
  return at == std::string::npos || dot == std::string::npos || dot < at
             ? std::string()
             : name.substr(0, at + 1) + name.substr(dot);
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The entry of that name which counts, and whether it is there at all.
Result<std::string> first_entry(const UnitPlace& place, const std::string& name) {
  for (const auto& folder : unit_folders(place)) {
    const auto stat = place.host.stat(join_path(folder, name), Links::keep);
    if (!stat) return stat.error();
    if (*stat) return join_path(folder, name);
  }
  return std::string();
}

/// Follows aliases to the unit, and finds the file that it is read from.
Result<Done> find_file(const UnitPlace& place, UnitFiles& unit) {
  for (int turn = 0; turn < most_aliases; ++turn) {
    auto entry = first_entry(place, unit.name);
    if (entry && entry->empty() && !template_of(unit.name).empty())
      entry = first_entry(place, template_of(unit.name));
    if (!entry) return entry.error();
    if (entry->empty()) return Done{};
    unit.path = *entry;
    const auto target = place.host.read_link(*entry);
    if (!target) return target.error();
    if (!*target) return Done{};
    unit.masked = **target == "/dev/null";
    const auto meant = last_part(**target);
    const bool alias = !unit.masked && meant != last_part(*entry) && meant != template_of(unit.name);
    if (!alias || !ends_as_unit(meant)) return Done{};
    unit.name = meant;
    unit.path.clear();
  }
  return Done{};
}

/// What `systemctl enable` would make, below the folder of one's own units.
std::vector<std::string> enabling_links(const UnitFiles& unit) {
  std::vector<std::string> links;
  constexpr std::array<std::pair<const char*, const char*>, 3> ways = {
      {{"WantedBy", ".wants/"}, {"RequiredBy", ".requires/"}, {"UpheldBy", ".upholds/"}}};
  for (const auto& [key, folder] : ways) {
    for (const auto& value : unit_values(unit.text, "Install", key)) {
      if (is_unit_name(value)) links.push_back(value + folder + unit.name);
    }
  }
  if (!links.empty()) return links;
  for (const auto& alias : unit_values(unit.text, "Install", "Alias")) {
    if (is_unit_name(alias)) links.push_back(alias);
  }
  return links;
}

Result<Done> find_links(const UnitPlace& place, UnitFiles& unit) {
  unit.links = enabling_links(unit);
  for (const auto& link : unit.links) {
    for (const auto& folder : unit_folders(place)) {
      const auto target = place.host.read_link(join_path(folder, link));
      if (!target) return target.error();
      const bool alias = link.find('/') == std::string::npos;
      if (!*target || (alias && last_part(**target) != unit.name)) continue;
      unit.made.push_back(join_path(folder, link));
      break;
    }
  }
  return Done{};
}

Result<std::optional<FileTime>> time_of(const HostReader& host, const std::string& path) {
  const auto stat = host.stat(path, Links::keep);
  if (!stat) return stat.error();
  if (!*stat) return std::optional<FileTime>();
  return std::optional(FileTime{(*stat)->modified, (*stat)->modified_part});
}

}  // namespace

std::string unit_name(const std::string& declared) {
  return ends_as_unit(declared) ? declared : declared + ".service";
}

bool is_unit_name(std::string_view name) {
  constexpr std::size_t longest = 255;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":_.\\@-").find(c) != std::string_view::npos;
  };
  const auto stem = name.substr(0, name.rfind('.'));
  return ends_as_unit(name) && name.size() <= longest && !stem.empty() && stem[0] != '-' && stem[0] != '.' &&
         stem[0] != '@' && stem.back() != '@' && std::all_of(name.begin(), name.end(), good);
}

std::string own_unit_folder(UnitScope scope, const User& user) {
  return scope == UnitScope::system ? "/etc/systemd/system" : user.home + "/.config/systemd/user";
}

std::vector<std::string> unit_values(std::string_view text, std::string_view section, std::string_view key) {
  std::vector<std::string> values;
  std::string_view here;
  std::string whole;
  for (const auto part : split_lines(text)) {
    const auto line = trim(part);
    if (whole.empty() && (line.empty() || line[0] == '#' || line[0] == ';')) continue;
    const bool goes_on = line.ends_with('\\');
    whole += std::string(line.substr(0, line.size() - (goes_on ? 1 : 0))) + (goes_on ? " " : "");
    if (goes_on) continue;
    const auto logical = std::exchange(whole, std::string());
    const auto equals = logical.find('=');
    if (logical.starts_with("[") && logical.ends_with("]")) {
      here = line.substr(1, line.size() - 2);
    } else if (here == section && equals != std::string::npos && trim(logical.substr(0, equals)) == key) {
      const auto value = std::string(trim(std::string_view(logical).substr(equals + 1)));
      if (value.empty()) values.clear();
      for (const auto word : split(value, ' ')) {
        if (!trim(word).empty()) values.emplace_back(trim(word));
      }
    }
  }
  return values;
}

bool comes_to_an_end(std::string_view text) {
  const auto type = unit_values(text, "Service", "Type");
  const auto stays = unit_values(text, "Service", "RemainAfterExit");
  const bool remains =
      !stays.empty() && (stays.back() == "yes" || stays.back() == "true" || stays.back() == "1");
  return !type.empty() && type.back() == "oneshot" && !remains;
}

Result<UnitFiles> read_unit(const UnitPlace& place, const std::string& name, const std::string* instead) {
  UnitFiles unit;
  unit.name = name;
  if (const auto found = find_file(place, unit); !found) return found.error();
  if (!unit.path.empty() && !unit.masked) {
    const auto text = place.host.read_file(unit.path);
    if (!text) return text.error();
    unit.text = text->value_or("");
    unit.masked = *text && (*text)->empty();
  }
  if (instead != nullptr) unit.text = *instead;
  if (const auto found = find_links(place, unit); !found) return found.error();
  return unit;
}

Result<bool> systemd_is_there(const HostReader& host) {
  for (const char* path : {booted_path, "/usr/bin/systemctl", "/bin/systemctl"}) {
    const auto stat = host.stat(path, Links::follow);
    if (!stat) return stat.error();
    if (*stat) return true;
  }
  return false;
}

Result<bool> manager_runs(const UnitPlace& place) {
  const auto booted = place.host.stat(booted_path, Links::follow);
  if (!booted) return booted.error();
  if (!*booted || place.scope == UnitScope::system) return booted->has_value();
  const auto own = place.host.stat("/run/user/" + std::to_string(place.user.uid) + "/systemd", Links::follow);
  if (!own) return own.error();
  return own->has_value();
}

/// The system's manager tells the journal of each unit that is up by a link, made anew at each start and
/// removed when the unit is down; source: systemd, src/core/unit.c, unit_export_invocation_id and
/// unit_notify. A user's manager writes none; there the control group tells, which comes and goes likewise.
Result<std::optional<FileTime>> running_since(const UnitPlace& place, const std::string& name) {
  if (place.scope == UnitScope::system) return time_of(place.host, "/run/systemd/units/invocation:" + name);
  const auto uid = std::to_string(place.user.uid);
  const auto below = "/user.slice/user-" + uid + ".slice/user@" + uid + ".service";
  const auto at = name.find('@');
  const auto own_slice =
      at == std::string::npos ? std::string() : "/app.slice/app-" + name.substr(0, at) + ".slice";
  for (const char* hierarchy : {"/sys/fs/cgroup", "/sys/fs/cgroup/systemd"}) {
    for (const auto& slice : {std::string("/app.slice"), own_slice, std::string(),
                              std::string("/session.slice"), std::string("/background.slice")}) {
      auto since = time_of(place.host, hierarchy + below + slice + "/" + name);
      if (!since || *since) return since;
    }
  }
  return std::optional<FileTime>();
}

}  // namespace mlenv
