#include "view/plans_groups.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// The columns: the action and what it is to be called after a number.
constexpr std::array<std::array<const char*, 2>, 6> actions = {{{"create", "to create"},
                                                                {"update", "to change"},
                                                                {"replace", "to replace"},
                                                                {"delete", "to delete"},
                                                                {"unknown", "cannot be told"},
                                                                {"manual", "for a person"}}};

std::string file_stem(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

std::size_t count_of(const Json& plan, const char* action) {
  const auto& changes = at(plan, "changes");
  return static_cast<std::size_t>(std::count_if(changes.begin(), changes.end(), [&](const Json& change) {
    return text_at(change, "action") == action;
  }));
}

bool is_planned(const Json& plan) { return text_at(plan, "status") == "planned"; }

/// `2 x GeForce RTX 3070, Tesla T4`.
std::string gpu_words(const Json& plan) {
  std::vector<std::pair<std::string, int>> counted;
  for (const auto& gpu : at(plan, "gpus")) {
    const auto name = words_of(gpu);
    const auto found =
        std::find_if(counted.begin(), counted.end(), [&](const auto& each) { return each.first == name; });
    if (found == counted.end()) {
      counted.emplace_back(name, 1);
    } else {
      ++found->second;
    }
  }
  std::vector<std::string> words;
  for (const auto& [name, count] : counted)
    words.push_back((count > 1 ? std::to_string(count) + " x " : "") + name);
  return words.empty() ? "-" : join(words, ", ");
}

/// The first error that keeps a host from being planned for.
std::string reason(const Json& plan) {
  for (const auto& finding : at(plan, "findings")) {
    if (text_at(finding, "severity") == "error") return text_at(finding, "message");
  }
  return {};
}

std::string note_of(const Json& plan) {
  if (!is_planned(plan)) {
    const auto status = text_at(plan, "status");
    return (status == "bad-recipe" ? "bad recipe" : status) + ": " + reason(plan);
  }
  std::vector<std::string> words;
  if (short_summary(plan).empty()) words.emplace_back("as declared");
  if (const auto manual = count_of(plan, "manual"); manual > 0)
    words.push_back(std::to_string(manual) + " for a person");
  if (text_at(at(plan, "cost"), "reboot") == "required") words.emplace_back("reboot");
  return join(words, ", ");
}

/// What happens to a host, without what is its own alone.
std::string fingerprint(const Json& plan) {
  Json what = {{"status", at(plan, "status")}};
  for (const auto& change : at(plan, "changes")) {
    const auto action = text_at(change, "action");
    if (action == "none" || action == "not_applicable") continue;
    for (const char* key : {"address", "action", "reason", "before", "after", "diff"})
      what["changes"].push_back(at(change, key));
  }
  if (!is_planned(plan)) what["reason"] = reason(plan);
  return what.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string plural(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

std::string short_summary(const Json& plan) {
  if (!is_planned(plan))
    return text_at(plan, "status") == "bad-recipe" ? "bad recipe" : text_at(plan, "status");
  std::vector<std::string> words;
  for (const auto& [action, called] : actions) {
    if (const auto count = count_of(plan, action); count > 0)
      words.push_back(std::to_string(count) + " " + called);
  }
  return join(words, ", ");
}

std::vector<std::string> host_names(const Json& plans) {
  std::map<std::string, int> used;
  for (const auto& plan : at(plans, "hosts")) ++used[text_at(at(plan, "host"), "hostname")];
  std::vector<std::string> names;
  for (const auto& plan : at(plans, "hosts")) {
    const auto name = text_at(at(plan, "host"), "hostname");
    names.push_back(name.empty() || used[name] > 1 ? file_stem(text_at(plan, "record")) : name);
  }
  return names;
}

std::vector<HostRow> host_rows(const Json& plans) {
  const auto names = host_names(plans);
  std::vector<HostRow> rows;
  for (const auto& plan : at(plans, "hosts")) {
    HostRow row;
    row.name = names[rows.size()];
    const auto os = text_at(at(plan, "host"), "os");
    row.os = os.empty() ? "-" : os;
    row.gpu = gpu_words(plan);
    for (const auto& [action, called] : actions) {
      if (std::string_view(action) == "manual") continue;
      const auto count = count_of(plan, action);
      row.counts.push_back(count == 0 ? "-" : std::to_string(count));
    }
    row.note = note_of(plan);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<HostGroup> host_groups(const Json& plans) {
  const auto names = host_names(plans);
  std::map<std::string, std::size_t> known;
  std::vector<HostGroup> groups;
  std::size_t index = 0;
  for (const auto& plan : at(plans, "hosts")) {
    const auto name = names[index++];
    if (short_summary(plan).empty()) continue;
    const auto [place, fresh] = known.emplace(fingerprint(plan), groups.size());
    if (fresh) groups.push_back({{}, &plan});
    groups[place->second].names.push_back(name);
  }
  return groups;
}

std::string hosts_summary(const Json& plans) {
  const auto& summary = at(plans, "summary");
  const auto number = [&](const char* key) {
    return at(summary, key).is_number() ? at(summary, key).get<std::size_t>() : 0;
  };
  std::string text =
      std::to_string(number("pending")) + " of " + plural(number("hosts"), "host", "hosts") + " would change";
  if (const auto count = number("as_declared"); count > 0)
    text += ", " + plural(count, "is", "are") + " as declared";
  if (const auto count = number("refused"); count > 0) text += ", " + plural(count, "is", "are") + " refused";
  if (const auto count = number("failed"); count > 0)
    text += ", " + std::to_string(count) + " cannot be planned for";
  return text + ".";
}

}  // namespace mlenv
