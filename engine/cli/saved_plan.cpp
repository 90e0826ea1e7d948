#include "cli/saved_plan.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/text.hpp"
#include "host/json_text.hpp"

namespace mlenv {
namespace {

constexpr const char* saved_format = "mlenvctl.saved-plan/1";
constexpr const char* plan_format = "mlenvctl.plan/1";
using Json = nlohmann::ordered_json;

using ByAddress = std::unordered_map<std::string, const Json*>;

ByAddress changes_by_address(const Json& changes) {
  ByAddress all;
  for (const auto& change : changes) all.emplace(change.value("address", ""), &change);
  return all;
}

Json change_at(const ByAddress& changes, const std::string& address) {
  const auto found = changes.find(address);
  return found == changes.end() ? Json(nullptr) : *found->second;
}

std::string action_of(const Json& change) {
  return change.is_null() ? "not in the recipe" : "`" + change.value("action", "") + "`";
}

/// A change without its place: moving a line in a recipe makes no other plan.
Json meaning_of(Json change) {
  if (!change.is_object()) return change;
  change.erase("origin");
  for (auto& package : change.contains("packages") ? change["packages"] : change) {
    if (!package.is_object()) continue;
    for (const char* size : {"download_bytes", "disk_bytes"}) package.erase(size);
  }
  return change;
}

std::string found_in(const Json& change) {
  const auto state = change.value("state", Json::object());
  const auto found = state.is_object() ? state.value("found", Json()) : Json();
  return found.is_string() ? found.get<std::string>() : std::string();
}

/// The versions that would come: `name -> version`.
std::map<std::string, std::string> coming(const Json& change) {
  std::map<std::string, std::string> versions;
  for (const auto& each : change.value("packages", Json::array())) {
    const auto after = each.value("after", Json());
    versions[each.value("name", "")] = after.is_string() ? after.get<std::string>() : "absent";
  }
  return versions;
}

/// What is planned of a change now, in place of what was.
std::string what_moved(const Json& before, const Json& after) {
  if (before.is_null() || after.is_null()) return "was " + action_of(before) + ", is now " + action_of(after);
  const auto found = found_in(before), finds = found_in(after);
  if (found != finds && !found.empty() && !finds.empty()) return found + " -> " + finds;
  if (action_of(before) != action_of(after))
    return "was " + action_of(before) + ", is now " + action_of(after);
  const auto was = coming(before), is = coming(after);
  std::vector<std::string> moved;
  for (const auto& [name, version] : was) {
    const auto other = is.find(name);
    const auto now = other == is.end() ? std::string("nothing") : other->second;
    if (now != version) moved.push_back(join({name, "was to become", version + ", now", now}, " "));
  }
  for (const auto& [name, version] : is) {
    if (was.count(name) == 0) moved.push_back(join({name, "would come too,", version}, " "));
  }
  return moved.empty() ? action_of(after) + " as before, but otherwise than planned" : join(moved, "; ");
}

bool is_text(const Json& object, const char* key) { return !object.contains(key) || object[key].is_string(); }

bool is_list_of_objects(const Json& object, const char* key) {
  if (!object.contains(key)) return true;
  const auto& list = object[key];
  return list.is_array() &&
         std::all_of(list.begin(), list.end(), [](const Json& each) { return each.is_object(); });
}

bool is_change(const Json& change) {
  if (!is_text(change, "address") || !is_text(change, "action") || !is_list_of_objects(change, "packages"))
    return false;
  const auto packages = change.value("packages", Json::array());
  return std::all_of(packages.begin(), packages.end(),
                     [](const Json& each) { return is_text(each, "name") && is_text(each, "manager"); });
}

/// Whether what is compared of a plan has its types; what is merely shown may have any.
bool is_plan(const Json& plan) {
  if (!plan.is_object() || !is_list_of_objects(plan, "changes")) return false;
  const auto changes = plan.value("changes", Json::array());
  return std::all_of(changes.begin(), changes.end(), is_change);
}

}  // namespace

Json saved_plan_document(SavedPlan saved) {
  return {{"format", saved_format},
          {"nonce", saved.nonce},
          {"made", saved.made},
          {"recipes", saved.recipes},
          {"variables", saved.variables},
          {"targets", saved.targets},
          {"user", saved.user},
          {"root", saved.root},
          {"host_id", saved.host_id},
          {"recorded", saved.recorded},
          {"upgrade", saved.upgrade},
          {"allow_removals", saved.allow_removals},
          {"ignore_lock", saved.ignore_lock},
          {"after_run", saved.after_run ? Json(*saved.after_run) : Json(nullptr)},
          {"plan", std::move(saved.plan)}};
}

Result<SavedPlan> read_saved_plan(const std::string& text) {
  const Error unfit{"plan.unreadable", "this is not a saved plan", "`mlenvctl plan --out FILE` writes one"};
  const auto document = parse_json(text);
  if (!document.is_object()) return unfit;
  SavedPlan saved;
  try {
    if (document.value("format", "") == plan_format) {
      saved.plan = document;
      saved.recorded = true;
      return is_plan(saved.plan) ? Result(saved) : unfit;
    }
    if (document.value("format", "") != saved_format) return unfit;
    document.at("nonce").get_to(saved.nonce);
    document.at("made").get_to(saved.made);
    document.at("recipes").get_to(saved.recipes);
    document.at("variables").get_to(saved.variables);
    document.at("targets").get_to(saved.targets);
    document.at("user").get_to(saved.user);
    document.at("root").get_to(saved.root);
    document.at("host_id").get_to(saved.host_id);
    document.at("recorded").get_to(saved.recorded);
    document.at("upgrade").get_to(saved.upgrade);
    saved.allow_removals = document.value("allow_removals", false);
    saved.ignore_lock = document.value("ignore_lock", false);
    if (const auto run = document.find("after_run"); run != document.end() && run->is_string())
      saved.after_run = run->get<std::string>();
    saved.plan = document.at("plan");
  } catch (const Json::exception&) {
    return unfit;
  }
  return is_plan(saved.plan) ? Result(saved) : unfit;
}

std::map<std::string, std::vector<std::string>> promised_by(const Json& plan) {
  std::map<std::string, std::vector<std::string>> promised;
  if (!plan.is_object()) return promised;
  for (const auto& change : plan.value("changes", Json::array())) {
    if (!change.is_object()) continue;
    for (const auto& each : change.value("packages", Json::array())) {
      const bool wanted = each.is_object() && each.value("manager", "") == "pip" && each.contains("after") &&
                          each["after"].is_string();
      if (wanted) {
        promised[change.value("address", "")].push_back(
            join({each.value("name", ""), each["after"].get<std::string>()}, "=="));
      }
    }
  }
  return promised;
}

std::vector<std::string> plan_drift(const Json& saved, const Json& now) {
  std::vector<std::string> drift;
  const auto old_changes = saved.value("changes", Json::array()),
             new_changes = now.value("changes", Json::array());
  const auto old_by_address = changes_by_address(old_changes),
             new_by_address = changes_by_address(new_changes);
  const auto compare = [&](const std::string& address) {
    const auto before = change_at(old_by_address, address);
    const auto after = change_at(new_by_address, address);
    if (meaning_of(before) == meaning_of(after)) return;
    drift.push_back(address + ": " + what_moved(before, after));
  };
  for (const auto& change : old_changes) compare(change.value("address", ""));
  for (const auto& change : new_changes) {
    const auto address = change.value("address", "");
    if (old_by_address.count(address) == 0) compare(address);
  }
  if (drift.empty() && saved.value("steps", Json()) != now.value("steps", Json()))
    drift.push_back("the steps are others");
  return drift;
}

}  // namespace mlenv
