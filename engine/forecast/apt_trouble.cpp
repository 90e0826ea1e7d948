#include "forecast/apt_trouble.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t most_reasons = 4;

/// The pin that decides about a package, as `apt-cache policy` shows it: candidate and the priority of each
/// version.
struct Policy {
  std::string candidate;
  std::vector<std::pair<std::string, std::string>> versions;  ///< version, priority
};

Policy policy_of(const std::string& package, const ShadowApt& shadow) {
  Policy policy;
  const auto output = shadow.run("apt-cache", {"policy", "--", package});
  if (!output) return policy;
  bool table = false;
  for (const auto line : split_lines(output->out)) {
    const auto text = trim(line);
    if (text.starts_with("Candidate: ")) policy.candidate = std::string(text.substr(11));
    if (text.starts_with("Version table:")) table = true;
    // `     8.9.7 600` or ` *** 8.9.7 600`; lines of sources are indented further.
    const bool entry = table && line.size() > 5 && line[4] == ' ' && line[5] != ' ';
    if (!entry) continue;
    const auto words = split(trim(line.substr(5)), ' ');
    if (words.size() == 2) policy.versions.emplace_back(words[0], words[1]);
  }
  return policy;
}

/// `libcudnn8-dev needs libcudnn8 (= 8.0.5), and …`.
std::string reason_of(const UnmetDependency& unmet, const ShadowApt& shadow, const DpkgStatus& installed,
                      bool& held) {
  const auto needs = unmet.relation == "Conflicts" || unmet.relation == "Breaks"
                         ? " " + to_lower(unmet.relation) + " with "
                         : " needs ";
  std::string text = "`" + unmet.package + "`" + needs + "`" + unmet.target +
                     (unmet.wanted.empty() ? "" : " " + unmet.wanted) + "`";
  const auto record = installed.find(unmet.target);
  if (record && record->is_held() && record->is_installed()) {
    held = true;
    return text + ", which is held at " + record->version;
  }
  const auto versions = shadow.versions(unmet.target);
  if (versions.empty()) return text + ", which no source has";
  const auto bare = std::string(trim(unmet.wanted)).substr(unmet.wanted.empty() ? 0 : 1);
  const auto constraint =
      unmet.wanted.size() > 2 ? DebConstraint::parse(bare.substr(0, bare.size() - 1)) : std::nullopt;
  const bool exists =
      !constraint || std::any_of(versions.begin(), versions.end(),
                                 [&](const DebVersion& each) { return constraint->allows(each); });
  if (!exists) {
    return text + ", which no source has (" + nearest_versions(versions, constraint->version) + ")";
  }
  const auto policy = policy_of(unmet.target, shadow);
  for (const auto& [version, priority] : policy.versions) {
    const auto parsed = DebVersion::parse(version);
    const bool fits = parsed && (!constraint || constraint->allows(*parsed));
    if (fits && version != policy.candidate) {
      return join(
          {text + ", and apt's pins prefer", policy.candidate, "to", version, "(priority", priority + ")"},
          " ");
    }
  }
  return text + (unmet.because.empty() ? "" : ", but " + unmet.because);
}

/// The items whose exact version no source has.
std::optional<Error> vanished(const AptTransaction& transaction, const ShadowApt& shadow) {
  for (const auto& item : transaction.install) {
    const auto versions = shadow.versions(item.name);
    const auto wanted = DebVersion::parse(item.version);
    const bool known = !versions.empty() &&
                       (item.version.empty() ||
                        (wanted && std::find(versions.begin(), versions.end(), *wanted) != versions.end()));
    if (known) continue;
    if (item.version.empty()) {
      // A virtual package has no versions of its own.
      const auto shown = shadow.run("apt-cache", {"showpkg", "--", item.name});
      if (shown && shown->out.find("Reverse Provides:") != std::string::npos && versions.empty() &&
          !trim(std::string_view(shown->out).substr(shown->out.find("Reverse Provides:") + 17)).empty())
        continue;
    }
    const auto what = item.version.empty() ? "no source has a package `" + item.name + "`"
                                           : "no source has `" + item.name + "` " + item.version;
    return Error{"apt.no-candidate", what, nearest_versions(versions, wanted)};
  }
  return std::nullopt;
}

}  // namespace

Error explain_apt_refusal(const AptTransaction& transaction, const Output& refusal, const ShadowApt& shadow,
                          const DpkgStatus& installed) {
  if (auto error = vanished(transaction, shadow)) return *error;
  bool held = false;
  std::vector<std::string> reasons;
  std::set<std::string> told;
  for (const auto& unmet : parse_unmet(refusal.out + "\n" + refusal.err)) {
    if (!told.insert(unmet.package + " " + unmet.target + unmet.wanted).second) continue;
    if (reasons.size() < most_reasons) reasons.push_back(reason_of(unmet, shadow, installed, held));
  }
  const auto complaint = apt_complaint(refusal, false);
  if (reasons.empty() && complaint.find("Held packages were changed") != std::string::npos) {
    std::vector<std::string> names;
    for (const auto& each : parse_simulation(refusal.out)) {
      const auto record = installed.find(each.effect.name);
      if (record && record->is_held()) names.push_back("`" + each.effect.name + "`");
    }
    return {"apt.held", "this would change what is held: " + (names.empty() ? complaint : join(names, ", ")),
            "`apt-mark unhold NAME` lifts a hold; `hold: false` in the recipe does too"};
  }
  if (reasons.empty()) return {"apt.unsolvable", "apt cannot do this: " + complaint, {}};
  return {held ? "apt.held" : "apt.unsolvable", "apt cannot install this together: " + join(reasons, "; "),
          held ? "`apt-mark unhold NAME` lifts a hold; `hold: false` in the recipe does too" : ""};
}

}  // namespace mlenv
