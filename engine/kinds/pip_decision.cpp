#include "kinds/pip_decision.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kinds/distribution_check.hpp"

namespace mlenv {
namespace {

using Standing = EnvironmentState::Standing;

bool version_fits(const PepSpecifierSet& specifiers, const std::string& version) {
  if (const auto parsed = PepVersion::parse(version)) return specifiers.contains(*parsed);
  const auto& clauses = specifiers.clauses();
  return std::all_of(clauses.begin(), clauses.end(), [&](const PepComparison& clause) {
    return clause.op == PepComparison::Op::arbitrary && clause.text == version;
  });
}

bool is_newest(const std::string& version, const std::string& newest) {
  const auto have = PepVersion::parse(version), best = PepVersion::parse(newest);
  return have && best ? !(*have < *best) : version == newest;
}

std::string wanted_version(const PipSpec& want) {
  if (!want.requirement.url.empty()) return mask_credentials(want.requirement.url);
  const auto specifiers = want.requirement.specifiers.str();
  if (want.state == Presence::latest) return specifiers.empty() ? "the newest" : "the newest " + specifiers;
  return specifiers.empty() ? "any" : specifiers;
}

bool fits(const PipSpec& want, const PipState& have) {
  if (!want.requirement.url.empty()) return came_from(want.requirement.url, have.url, *have.version());
  return version_fits(want.requirement.specifiers, *have.version());
}

/// What is not as declared, in a person's words; empty when all is well.
std::string trouble(const PipSpec& want, const PipState& have, const ProbeScope& scope) {
  if (!have.version()) {
    return have.standing == Standing::coming && !want.user ? "its venv is made in this plan"
                                                           : "not installed";
  }
  const auto& version = *have.version();
  if (!fits(want, have)) {
    const auto seen =
        have.own ? version + " is installed" : version + " is inherited from " + have.inherited_from;
    const auto from = !want.requirement.url.empty() && !have.url.empty() ? " from " + have.url : "";
    return seen + from + ", wanted is " + wanted_version(want);
  }
  if (!have.cut_short.empty()) return "an earlier install of it was cut short";
  if (!have.changed.empty()) {
    const auto count = have.changed.size();
    return std::to_string(count) + (count == 1 ? " file is" : " files are") +
           " missing or changed: " + have.changed.front() + (count == 1 ? "" : ", …");
  }
  if (!have.missing.empty()) return "it needs " + join(have.missing, ", ") + ", not installed";
  if (want.state != Presence::latest) return {};
  if (scope.upgrade) return "the newest version is looked up anew";
  if (have.newest.empty()) return "the newest version has not been looked up yet";
  return is_newest(version, have.newest) ? "" : version + " is installed, the newest was " + have.newest;
}

/// The versions declared for the venv's packages: the resolver is free in all the rest.
std::vector<std::string> versions_to_keep(const PythonEnv& env, const ProbeScope& scope) {
  std::vector<std::string> keep;
  for (const auto& each : *env.versions) {
    if (!each.when || each.when->holds(scope.facts) == Truth::yes) keep.push_back(each.requirement);
  }
  return keep;
}

PipInstall install_step(const PipSpec& want, const ProbeScope& scope) {
  PipInstall step;
  if (want.venv.target) {
    step.keep = versions_to_keep(*want.venv, scope);
    step.prefix = want.venv->prefix;
    step.installer = choose_installer(want.venv->installer, step.prefix, scope);
    step.privilege = privilege_at(step.prefix, scope);
  }
  step.requirements = {want.requirement.str()};
  if (want.state == Presence::latest) step.upgrade = step.requirements;
  if (want.index_url) step.source.index_url = want.index_url->text;
  for (const auto& url : want.extra_index_urls) step.source.extra_index_urls.push_back(url.text);
  step.source.find_links = want.find_links;
  step.source.no_index = want.no_index;
  step.source.pre = want.pre;
  return step;
}

std::string pinned(const PepRequirement& requirement, const std::string& version) {
  if (!requirement.url.empty() || !PepVersion::parse(version)) return requirement.str();
  return requirement.name + "==" + version;
}

std::vector<Step> steps_for(const PipSpec& want, const PipState& have, const ProbeScope& scope) {
  const auto install = install_step(want, scope);
  const bool broken = have.own && (!have.cut_short.empty() || !have.changed.empty());
  if (!broken) return {install};
  std::vector<Step> steps;
  for (const auto& folder : have.cut_short) steps.push_back(RemovePath{folder, true, install.privilege});
  const bool good_version = fits(want, have);
  auto again = install;
  again.reinstall = true;
  again.upgrade.clear();
  again.keep.clear();
  again.requirements = {good_version ? pinned(want.requirement, *have.own) : want.requirement.str()};
  steps.emplace_back(std::move(again));
  // Reinstalling leaves dependencies alone, and pins the version that is there.
  if (!have.missing.empty() || !good_version || want.state == Presence::latest) steps.emplace_back(install);
  return steps;
}

void add_source(std::vector<Difference>& differences, const PipSource& source) {
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) differences.push_back({name, std::nullopt, mask_credentials(value)});
  };
  add("index_url", source.index_url);
  add("extra_index_urls", join(source.extra_index_urls, ", "));
  add("find_links", join(source.find_links, ", "));
}

std::vector<Difference> differences_of(const PipSpec& want, const PipState& have, const ProbeScope& scope) {
  std::vector<Difference> differences;
  auto before = have.version();
  if (before && !have.own) *before += " (inherited)";
  if (!before || !fits(want, have) || want.state == Presence::latest) {
    differences.push_back({"version", before, wanted_version(want)});
  }
  if (!before && !want.requirement.extras.empty()) {
    differences.push_back({"extras", std::nullopt, join(want.requirement.extras, ", ")});
  }
  if (!have.cut_short.empty()) differences.push_back({"install", "cut short", "complete"});
  if (!have.changed.empty()) {
    differences.push_back(
        {"files", std::to_string(have.changed.size()) + " missing or changed", "as installed"});
  }
  for (const auto& name : have.missing)
    differences.push_back({"dependency " + name, std::nullopt, "installed"});
  if (!before) add_source(differences, install_step(want, scope).source);
  return differences;
}

/// The distribution keeps pip out of its own Python.
Decision refused(const PipSpec& want, const std::string& marker) {
  Decision decision;
  decision.action = Action::manual;
  decision.because = "the distribution manages this Python's packages itself (" + marker + ")";
  const auto& name = want.requirement.name;
  decision.findings.push_back(
      {"pip.externally-managed",
       "pip refuses to install `" + name + "` for the user: " + marker +
           " says that the distribution manages this Python",
       "declare a venv (`venv: NAME`, `path: ~/.venvs/NAME`) and give `venv: NAME` in place of "
       "`user: true`, or take the distribution's package: `apt_package: python3-" +
           want.requirement.canonical_name() + "`"});
  return decision;
}

Decision diff_absent(const PipSpec& want, const PipState& have, const ProbeScope& scope) {
  if (!have.own) {
    return {
        Action::none, have.inherited ? "only the system has it, at " + have.inherited_from : "", {}, {}, {}};
  }
  if (have.managed) return refused(want, *have.managed);
  const auto install = install_step(want, scope);
  Decision decision{Action::remove, "declared absent", {{"version", have.own, std::nullopt}}, {}, {}};
  for (const auto& folder : have.cut_short)
    decision.steps.push_back(RemovePath{folder, true, install.privilege});
  if (have.cut_short.empty()) {
    decision.steps.push_back(PipUninstall{
        install.prefix, {want.requirement.canonical_name()}, install.installer, install.privilege});
  }
  return decision;
}

/// Packages whose needs contradict each other are pip's daily bread, and installing one again would only
/// break another.
std::vector<Finding> versions_at_odds(const PipSpec& want, const PipState& have) {
  if (have.unfit.empty()) return {};
  return {{"pip.versions-at-odds",
           "`" + want.requirement.name + "` " + *have.version() + " needs " + join(have.unfit, ", "),
           "declare versions that go together; `pip check` in the venv lists them all"}};
}

}  // namespace

Decision decide_pip_package(const PipSpec& want, const PipState& have, const ProbeScope& scope) {
  if (want.state == Presence::absent) return diff_absent(want, have, scope);
  if (!have.applies) {
    return {Action::not_applicable,
            "its marker `" + want.requirement.marker + "` does not hold for Python " + have.python,
            {},
            {},
            {}};
  }
  if (have.standing == Standing::missing) {
    return {Action::unknown, "there is no venv at " + want.venv->prefix, {}, {}, {}};
  }
  const auto reason = trouble(want, have, scope);
  if (reason.empty()) {
    const auto where = have.own ? "" : ", inherited from " + have.inherited_from;
    return {Action::none, *have.version() + where, {}, {}, versions_at_odds(want, have)};
  }
  if (have.managed) return refused(want, *have.managed);
  const auto action = have.own ? Action::update : Action::create;
  return {action, reason, differences_of(want, have, scope), steps_for(want, have, scope), {}};
}

}  // namespace mlenv
