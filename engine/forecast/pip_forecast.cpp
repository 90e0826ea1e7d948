#include "forecast/pip_forecast.hpp"

#include <algorithm>
#include <map>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "forecast/bringers.hpp"
#include "forecast/missing_wheel.hpp"
#include "forecast/pip_asking.hpp"
#include "forecast/pip_failure.hpp"
#include "forecast/wheel_pool.hpp"

namespace mlenv {
namespace {

std::string name_in(const std::string& requirement) {
  const auto parsed = PepRequirement::parse(requirement);
  return parsed ? parsed->canonical_name() : std::string();
}

/// The name that pip could not find anything for: `No matching distribution found for torch==1.7.1+cu110`.
std::optional<PepRequirement> not_found(const Output& output) {
  constexpr std::string_view words = "No matching distribution found for ";
  const auto at = output.err.find(words);
  if (at == std::string::npos) return std::nullopt;
  const auto line = output.err.substr(at + words.size(), output.err.find('\n', at) - at - words.size());
  auto parsed = PepRequirement::parse(trim(line.substr(0, line.find(" (from "))));
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

class PipForecaster {
 public:
  PipForecaster(Plan& plan, const PipRequest& request, PipAsking& asking)
      : plan_(plan), request_(request), asking_(asking) {}

  PipForecast run(std::size_t shifted) {
    for (std::size_t i = shifted; i < plan_.steps.size(); ++i) {
      auto& step = plan_.steps[i];
      if (auto* venv = std::get_if<MakeVenv>(&step.step)) make_venv(step, *venv, i - shifted);
      if (auto* call = std::get_if<PipInstall>(&step.step)) install(step, *call, i - shifted);
    }
    return std::move(forecast_);
  }

 private:
  void make_venv(const PlannedStep& step, MakeVenv& venv, std::size_t place);
  void install(const PlannedStep& step, PipInstall& call, std::size_t place);
  bool hear(const PlannedStep& step, const PipInstall& call, const PipAnswer& answer);
  void explain(const PlannedStep& step, const PipInstall& call, const Output& output,
               const Environ& environment);
  std::optional<MissingWheel> missing(const PepRequirement& wanted, const PipInstall& call,
                                      const Environ& environment);
  void take(const PlannedStep& step, const PipInstall& call, const Environ& environment,
            const PipAnswer& answer);
  void put_off(const PlannedStep& step, int after);
  Origin origin_of(const PlannedStep& step) const { return plan_.changes[step.changes.front()].origin; }

  Plan& plan_;
  const PipRequest& request_;
  PipAsking& asking_;
  std::map<std::string, int> known_after_;  ///< of environments whose Python comes with this step
  PipForecast forecast_;
};

void PipForecaster::make_venv(const PlannedStep& step, MakeVenv& venv, std::size_t place) {
  known_after_[venv.path] = coming_environment(venv, request_) ? 0 : step.id;
  const auto call = call_for_pip(venv);
  const auto* answer = asking_.answer(place);
  if (!call || answer == nullptr || !hear(step, *call, *answer)) return;
  for (const auto& each : answer->reported) venv.expected.push_back(each.wheel);
}

void PipForecaster::install(const PlannedStep& step, PipInstall& call, std::size_t place) {
  if (const auto after = known_after_[call.prefix]; after != 0) return put_off(step, after);
  const auto* answer = asking_.answer(place);
  if (answer == nullptr) return put_off(step, step.id);
  if (!hear(step, call, *answer)) return;
  for (const auto& each : answer->reported) call.expected.push_back(each.wheel);
}

/// Takes what pip has answered; false when that is nothing to plan with.
bool PipForecaster::hear(const PlannedStep& step, const PipInstall& call, const PipAnswer& answer) {
  const auto& environment = asking_.environment(call.prefix);
  if (answer.refusal) explain(step, call, *answer.refusal, environment);
  if (answer.trouble || answer.unreadable) put_off(step, step.id);
  if (answer.unreadable)
    forecast_.findings.push_back(
        {answer.unreadable->code, Severity::error, answer.unreadable->message, {}, origin_of(step)});
  if (answer.ok()) take(step, call, environment, answer);
  return answer.ok();
}

void PipForecaster::put_off(const PlannedStep& step, int after) {
  forecast_.known = false;
  for (const auto change : step.changes) plan_.changes[change].known_after = after;
}

/// The pages on which pip has looked for a project.
std::optional<MissingWheel> PipForecaster::missing(const PepRequirement& wanted, const PipInstall& call,
                                                   const Environ& environment) {
  const auto name = wanted.canonical_name();
  std::vector<std::string> pages = call.source.find_links, indexes = call.source.extra_index_urls;
  const auto told = request_.environment.find("PIP_INDEX_URL");
  const auto standard =
      told != request_.environment.end() ? told->second : std::string("https://pypi.org/simple");
  if (!call.source.no_index)
    indexes.push_back(call.source.index_url.empty() ? standard : call.source.index_url);
  if (call.source.no_index) indexes.clear();
  for (auto& index : indexes) pages.push_back(join_path(join_path(index, name), ""));
  std::vector<std::string> files;
  bool seen = false;
  for (const auto& page : pages) {
    if (!page.starts_with("http")) continue;
    const auto text = request_.writer.fetch(page, {});
    seen = seen || text || text.error().message.find("answers 404") != std::string::npos;
    if (!text) continue;
    for (auto& file : offered_files(*text, name)) files.push_back(std::move(file));
  }
  if (!seen) return std::nullopt;
  return explain_missing_wheel(wanted, files, environment.wanted.version, request_.facts.arch);
}

void PipForecaster::explain(const PlannedStep& step, const PipInstall& call, const Output& output,
                            const Environ& environment) {
  auto error = explain_pip_failure(output, environment.wanted.version);
  bool certain = error.code == "pip.no-match" || error.code == "pip.conflict" ||
                 error.code == "pip.wrong-platform" || error.code == "pip.hash-mismatch" ||
                 error.code == "pip.untrusted-host";
  if (error.code == "pip.no-match") {
    if (const auto wanted = not_found(output)) {
      if (auto found = missing(*wanted, call, environment)) {
        error = std::move(found->error);
        certain = !found->buildable;
      }
    }
  }
  put_off(step, step.id);
  if (!certain && error.code != "pip.no-wheel")
    error.message = "which wheels come cannot be told: " + error.message;
  forecast_.findings.push_back({error.code, certain ? Severity::error : Severity::warning, error.message,
                                error.hint, origin_of(step)});
}

void PipForecaster::take(const PlannedStep& step, const PipInstall& call, const Environ& environment,
                         const PipAnswer& answer) {
  const auto& reported = answer.reported;
  std::vector<BroughtPackage> brought;
  for (const auto& each : reported) {
    BroughtPackage package{{each.wheel.name}, {}};
    for (const auto& need : each.requires_dist) package.brings.push_back(name_in(need));
    brought.push_back(std::move(package));
  }
  Bringers bringers(std::move(brought));
  std::map<std::size_t, std::vector<std::string>> declared;
  for (const auto change : step.changes) {
    for (const auto& own : plan_.changes[change].decision.steps) {
      const auto* part = std::get_if<PipInstall>(&own);
      const auto& names = part != nullptr ? part->requirements : call.requirements;
      if (part == nullptr && !std::holds_alternative<MakeVenv>(own)) continue;
      for (const auto& requirement : names) declared[change].push_back(name_in(requirement));
    }
    for (const auto& name : declared[change]) bringers.claim(change, name);
  }
  bringers.spread();
  std::vector<std::string> replaced;
  for (std::size_t i = 0; i < reported.size(); ++i) {
    const auto& wheel = reported[i].wheel;
    const auto owner = bringers.owner(i).value_or(step.changes.front());
    const auto old = environment.installed.find(wheel.name);
    PackageChange made{"pip", wheel.name};
    made.after = wheel.version;
    made.origin = server_of(wheel.url);
    made.file = wheel.file;
    made.before = old == environment.installed.end() ? "" : old->second.version;
    const auto before = PepVersion::parse(made.before), after = PepVersion::parse(made.after);
    using Action = PackageChange::Action;
    if (before && after)
      made.action = *after < *before   ? Action::downgrade
                    : *before < *after ? Action::upgrade
                                       : Action::reinstall;
    const auto& names = declared[owner];
    made.declared = plan_.changes[owner].address.kind == "pip_package" &&
                    std::find(names.begin(), names.end(), wheel.name) != names.end();
    if (!made.before.empty() && !made.declared && made.action != Action::reinstall)
      replaced.push_back("`" + wheel.name + "` " + made.before + " -> " + made.after);
    if (made.declared) settle_version(plan_.changes[owner].decision, wheel.version);
    const auto& weight = answer.weights[i];
    made.download_bytes = weight.bytes;
    if (weight.unpacked) made.disk_bytes = static_cast<std::int64_t>(*weight.unpacked);
    plan_.changes[owner].packages.push_back(std::move(made));
    forecast_.wheels.push_back({wheel, call.prefix, call.privilege, weight});
  }
  if (replaced.empty()) return;
  forecast_.findings.push_back(
      {"pip.replaces", Severity::warning,
       "what is installed already is replaced as a dependency: " + join(replaced, ", "),
       "declare its version to keep it", origin_of(step)});
}

}  // namespace

User PipRequest::asker(Privilege privilege) const {
  const bool by_root = caches.of(privilege).planning.privilege == Privilege::root;
  return by_root ? User{"root", "/root", {}, 0, 0} : facts.user;
}

PipForecast forecast_pip(Plan& plan, const PipRequest& request, PipAsking& asking, std::size_t shifted) {
  return PipForecaster(plan, request, asking).run(shifted);
}

}  // namespace mlenv
