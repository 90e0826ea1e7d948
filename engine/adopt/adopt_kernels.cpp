#include <nlohmann/json.hpp>
#include <set>

#include "adopt/adopt.hpp"
#include "base/text.hpp"
#include "host/json_text.hpp"
#include "record/secrets.hpp"
#include "record/survey.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

std::string program_of(const Json& kernel) {
  if (!kernel.is_object() || !kernel.contains("argv") || !kernel["argv"].is_array() || kernel["argv"].empty())
    return {};
  const auto& first = kernel["argv"][0];
  return first.is_string() ? first.get<std::string>() : std::string();
}

/// What the kernel is started with, but for what may be secret: that is told.
void add_environment(const Json& kernel, DraftEntry& entry) {
  if (!kernel.contains("env") || !kernel["env"].is_object()) return;
  DraftField field{"env"};
  std::vector<std::string> secret;
  for (const auto& [name, value] : kernel["env"].items()) {
    if (!value.is_string()) continue;
    const auto text = value.get<std::string>();
    if (has_secret_name(name) || looks_secret(text) || holds_credentials(text)) {
      secret.push_back(name);
    } else {
      field.parts.push_back({name, literal(text)});
    }
  }
  if (!field.parts.empty()) entry.fields.push_back(std::move(field));
  if (!secret.empty())
    entry.comment = "Left out of its environment, since it may be secret: " + join(secret, ", ") + ".";
}

DraftEntry kernel_entry(const Json& kernel, const std::string& name, bool system, const VenvNames& venvs,
                        const User& user) {
  DraftEntry entry{"jupyter_kernel", {literal(name)}};
  const auto program = program_of(kernel);
  const auto venv = venvs.find(program.starts_with("/") ? parent_path(parent_path(program)) : std::string());
  if (program.empty()) {
    entry.doubt = "its kernel.json names no program";
  } else if (venv == venvs.end()) {
    entry.doubt = "it runs " + recipe_path(program, user) + ", which is of no venv of this recipe";
  } else {
    entry.fields.push_back({"venv", venv->second});
  }
  if (kernel.is_object() && kernel.contains("display_name") && kernel["display_name"].is_string())
    entry.fields.push_back({"display_name", literal(kernel["display_name"].get<std::string>())});
  if (system) entry.fields.push_back({"scope", "system"});
  if (kernel.is_object()) add_environment(kernel, entry);
  return entry;
}

}  // namespace

DraftSection adopt_kernels(const AdoptedHost& adopted, const VenvNames& venvs) {
  const auto& user = adopted.facts.user;
  DraftSection section{"Jupyter's kernels."};
  std::set<std::string> seen;
  for (const auto& folder : kernel_folders(user)) {
    if (folder.starts_with("/usr/share/")) continue;  // packages bring these
    const auto entries = adopted.host.list(folder);
    for (const auto& each : entries ? *entries : std::vector<DirectoryEntry>()) {
      const auto text = adopted.host.read_file(folder + "/" + each.name + "/kernel.json");
      if (!text || !*text) continue;
      auto entry = kernel_entry(parse_json(**text), each.name, folder.starts_with("/usr/"), venvs, user);
      if (!seen.insert(to_lower(each.name)).second)
        entry.fields.push_back({"id", entry.names.front() + "-system"});
      section.entries.push_back(std::move(entry));
    }
  }
  return section;
}

}  // namespace mlenv
