#include "record/content_rules.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "host/json_text.hpp"
#include "host/recorded_host.hpp"
#include "record/secrets.hpp"
#include "resource/python_site.hpp"
#include "resource/rpm_database.hpp"
#include "resource/systemd_unit.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_start_up_file(const std::string& path) {
  constexpr std::array<std::string_view, 10> names = {".bashrc", ".profile",   ".bash_profile", ".bash_login",
                                                      ".zshrc",  ".zshenv",    ".zprofile",     "bash.bashrc",
                                                      "zshenv",  "environment"};
  const auto name = name_of(path);
  return std::find(names.begin(), names.end(), name) != names.end() || path == "/etc/profile" ||
         path.starts_with("/etc/profile.d/") || path.find("/fish/") != std::string::npos ||
         path.find("/environment.d/") != std::string::npos;
}

bool is_keyring(const std::string& path) {
  return path.starts_with("/etc/apt/trusted.gpg") || path.starts_with("/etc/apt/keyrings/") ||
         path.starts_with("/usr/share/keyrings/");
}

bool is_in_distribution(const std::string& path) {
  return is_distribution(path) || is_distribution(parent_path(path));
}

Content kind_of_name(const std::string& path) {
  const auto name = name_of(path);
  if (path == "/var/lib/dpkg/status") return Content::dpkg_status;
  if (is_rpm_database(path)) return Content::rpm_packages;
  if (path == "/etc/passwd") return Content::accounts;
  if (path == "/etc/group") return Content::groups;
  if (is_in_distribution(path)) {
    if (name == "RECORD") return Content::installed;
    return name == "direct_url.json" ? Content::settings : Content::metadata;
  }
  if (name == "kernel.json") return Content::kernel;
  if (is_start_up_file(path)) return Content::start_up;
  if (is_keyring(path)) return Content::keyring;
  if (path.find("/systemd/system/") != std::string::npos || path.find("/systemd/user/") != std::string::npos)
    return Content::unit;
  const bool apt = path.starts_with("/etc/apt/") || path == "/etc/nsswitch.conf";
  const bool own = name == "pyvenv.cfg" || name == ".mlenvctl.json" || name == "python-user-site.json" ||
                   path == "/var/lib/dpkg/arch";
  return apt || own ? Content::settings : Content::nobodys;
}

void mask_environment(Json& kernel) {
  if (!kernel.contains("env") || !kernel["env"].is_object()) return;
  for (auto& [name, value] : kernel["env"].items()) {
    const bool text = value.is_string();
    if (has_secret_name(name) || (text && looks_secret(value.get_ref<const std::string&>()))) {
      value = left_out;
    } else if (text) {
      value = without_secrets(value.get<std::string>());
    }
  }
}

}  // namespace

/// The name under which a file was asked for counts: what it is a link to may be called anything. Of several
/// the one that tells least.
Content content_kind(const SeenPath& file, const std::string& path) {
  auto kind = kind_of_name(path);
  for (const auto& each : file.asked) {
    const auto other = kind_of_name(each);
    if (kind == Content::nobodys || other == Content::start_up) kind = other;
  }
  return kind;
}

bool is_site_folder(const std::string& path) {
  return path.ends_with("/site-packages") || path.ends_with("/dist-packages");
}

bool is_distribution(const std::string& name) {
  return name.ends_with(".dist-info") || name.ends_with(".egg-info");
}

NamedEntries named_entries(const std::string& path, const std::vector<DirectoryEntry>& entries) {
  NamedEntries result;
  const auto keep = [&](const auto& wanted, bool count) {
    for (const auto& each : entries) {
      if (wanted(each.name)) result.named.push_back(each);
    }
    const auto rest = entries.size() - result.named.size();
    result.others = count ? rest : std::min<std::size_t>(rest, 1);
    return result;
  };
  if (is_site_folder(path)) return keep(is_distribution, false);
  if (path.ends_with("/lib"))
    return keep([](const std::string& name) { return name.starts_with("python"); }, false);
  if (path.starts_with("/etc/apt") || path == "/usr/share/keyrings" || path.ends_with("/jupyter/kernels") ||
      parent_path(path).ends_with("/jupyter/kernels"))
    return keep([](const std::string&) { return true; }, true);
  if (path == "/var/lib/apt/lists") {
    for (const auto& each : entries) {  // one index tells that there are any
      if (each.name.ends_with("Release") && result.named.empty()) result.named.push_back(each);
    }
    return result;
  }
  result.whole = false;
  return result;
}

std::string condensed_metadata(const std::string& text) {
  std::string kept;
  for (const char* key : {"Name", "Version", "Provides-Extra", "Requires-Dist"}) {
    for (const auto& value : metadata_values(text, key))
      kept += std::string(key) + ": " + without_secrets(value) + "\n";
  }
  return kept;
}

std::string condensed_kernel(const std::string& text) {
  auto kernel = parse_json(text);
  if (!kernel.is_object()) return "this is not JSON\n";
  mask_environment(kernel);
  return kernel.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string condensed_installed(const std::vector<std::string>& changed) {
  std::string rows;
  for (const auto& path : changed) {
    const bool quoted = path.find_first_of(",\"") != std::string::npos;
    rows += (quoted ? "\"" + replace_all(path, "\"", "\"\"") + "\"" : path) + ",,changed\n";
  }
  return rows;
}

namespace {

bool matters(const std::vector<std::string_view>& account, const KnownAccounts& known) {
  const auto has_id = [&](std::uint32_t id) { return account[2] == std::to_string(id); };
  return std::any_of(known.ids.begin(), known.ids.end(), has_id) ||
         known.names.count(std::string(account[0])) != 0;
}

}  // namespace

std::string condensed_accounts(const std::string& text, const KnownAccounts& known) {
  std::string kept;
  for (const auto line : split_lines(text)) {
    const auto fields = split(line, ':');
    if (fields.size() < 7 || !matters(fields, known)) continue;
    kept += std::string(fields[0]) + ":x:" + std::string(fields[2]) + ":" + std::string(fields[3]) +
            "::" + std::string(fields[5]) + ":" + std::string(fields[6]) + "\n";
  }
  return kept;
}

std::string condensed_groups(const std::string& text, const std::string& accounts,
                             const KnownAccounts& known) {
  auto names = known.names;
  for (const auto line : split_lines(accounts)) {
    const auto fields = split(line, ':');
    if (fields.size() >= 7 && matters(fields, known)) names.emplace(fields[0]);
  }
  std::string kept;
  for (const auto line : split_lines(text)) {
    const auto fields = split(line, ':');
    if (fields.size() < 4) continue;
    std::vector<std::string> members;
    for (const auto member : split(fields[3], ',')) {
      if (names.count(std::string(member)) != 0) members.emplace_back(member);
    }
    kept += std::string(fields[0]) + ":x:" + std::string(fields[2]) + ":" + join(members, ",") + "\n";
  }
  return kept;
}

std::string condensed_unit(const std::string& text) {
  std::string kept;
  const auto keep = [&](const char* section, std::initializer_list<const char*> keys) {
    std::string lines;
    for (const auto* key : keys) {
      const auto values = unit_values(text, section, key);
      if (!values.empty()) lines += std::string(key) + "=" + join(values, " ") + "\n";
    }
    if (!lines.empty()) kept += std::string("[") + section + "]\n" + lines;
  };
  keep("Service", {"Type", "RemainAfterExit"});
  keep("Install", {"WantedBy", "RequiredBy", "UpheldBy", "Alias"});
  return kept.empty() ? "# nothing that a plan goes by\n" : kept;
}

bool is_start_of_service(const std::string& path) {
  return path.starts_with("/run/systemd/units/") ||
         (path.starts_with("/sys/fs/cgroup/") && path.ends_with(".service"));
}

}  // namespace mlenv
