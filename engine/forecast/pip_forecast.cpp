#include "forecast/pip_forecast.hpp"

#include <algorithm>
#include <future>
#include <map>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "forecast/bringers.hpp"
#include "forecast/missing_wheel.hpp"
#include "forecast/pip_failure.hpp"
#include "forecast/pip_report.hpp"
#include "forecast/pretended_site.hpp"
#include "forecast/wheel_pool.hpp"
#include "forecast/wheel_weight.hpp"
#include "resource/python_site.hpp"
#include "resource/python_wish.hpp"
#include "resource/uv.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

/// An environment as it will be when the plan's next call for it runs.
struct Environ {
  PythonWanted wanted;
  Distributions installed;
  std::vector<ReportedWheel> coming;  ///< by earlier calls of the plan
  int known_after = 0;                ///< the step that brings its Python
};

std::string name_in(const std::string& requirement) {
  const auto parsed = PepRequirement::parse(requirement);
  return parsed ? parsed->canonical_name() : std::string();
}

bool is_direct(const std::string& requirement) {
  const auto parsed = PepRequirement::parse(requirement);
  return !parsed || !parsed->url.empty();
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
  PipForecaster(Plan& plan, const PipRequest& request)
      : plan_(plan),
        request_(request),
        pips_(request.host, request.writer, request.facts, request.environment, request.cache,
              request.offline, request.bundled_pip) {}

  PipForecast run() {
    for (auto& step : plan_.steps) {
      if (auto* venv = std::get_if<MakeVenv>(&step.step)) make_venv(step, *venv);
      if (auto* call = std::get_if<PipInstall>(&step.step)) install(step, *call);
    }
    weigh();
    return std::move(forecast_);
  }

 private:
  void make_venv(const PlannedStep& step, MakeVenv& venv);
  void install(const PlannedStep& step, PipInstall& call);
  Environ& environment_of(const std::string& prefix);
  Result<std::vector<ReportedWheel>> ask(const PlannedStep& step, const PipInstall& call,
                                         Environ& environment);
  std::vector<std::string> arguments(const PlannedStep& step, const PipInstall& call,
                                     const Environ& environment, const std::string& report);
  void explain(const PlannedStep& step, const PipInstall& call, const Output& output,
               const Environ& environment);
  std::optional<MissingWheel> missing(const PepRequirement& wanted, const PipInstall& call,
                                      const Environ& environment);
  void take(const PlannedStep& step, const PipInstall& call, Environ& environment,
            const std::vector<ReportedWheel>& reported);
  void put_off(const PlannedStep& step, int after);
  void weigh();
  std::string folder() const { return request_.cache.path + "/pip"; }
  Origin origin_of(const PlannedStep& step) const { return plan_.changes[step.changes.front()].origin; }

  Plan& plan_;
  const PipRequest& request_;
  PlanningPips pips_;
  std::map<std::string, Environ> environments_;
  std::vector<std::pair<std::size_t, std::size_t>>
      packages_;  ///< of each wheel: change, place in its packages
  PipForecast forecast_;
};

/// The environment as it stands on the host.
Environ& PipForecaster::environment_of(const std::string& prefix) {
  const auto known = environments_.find(prefix);
  if (known != environments_.end()) return known->second;
  Environ made;
  made.wanted.prefix = prefix;
  made.wanted.stands = true;
  std::vector<std::string> folders;
  if (prefix.empty()) {
    if (!request_.facts.pythons.empty()) {
      made.wanted.interpreter = request_.facts.pythons.front().path;
      made.wanted.version = request_.facts.pythons.front().version;
    }
    folders = {request_.facts.user.home + "/.local/lib/python" + python_minor(made.wanted.version) +
               "/site-packages"};
  } else {
    const auto text = request_.host.read_file(venv_config_path(prefix));
    const auto config = text && *text ? parse_venv_config(**text) : VenvConfig();
    made.wanted.version = config.version;
    made.wanted.interpreter = config.home + "/python" + python_minor(config.version);
    made.wanted.system_site_packages = config.system_site_packages;
    folders = own_site_folders(request_.host, prefix, python_minor(config.version));
  }
  if (auto found = read_all_distributions(request_.host, folders)) made.installed = std::move(*found);
  return environments_.emplace(prefix, std::move(made)).first->second;
}

void PipForecaster::make_venv(const PlannedStep& step, MakeVenv& venv) {
  Environ made;
  made.wanted.prefix = venv.path;
  made.wanted.system_site_packages = venv.system_site_packages;
  const auto wish = PythonWish::parse(venv.specifier).value_or(PythonWish());
  if (venv.interpreter.starts_with("/") && exists(request_.host, venv.interpreter)) {
    made.wanted.interpreter = venv.interpreter;
    for (const auto& python : request_.facts.pythons) {
      if (python.path == venv.interpreter) made.wanted.version = python.version;
    }
  } else if (const auto python = choose_python(request_.facts.pythons, wish)) {
    made.wanted.interpreter = python->path;
    made.wanted.version = python->version;
  } else {
    made.known_after = step.id;
  }
  auto& environment = environments_[venv.path] = std::move(made);
  // Python's own venv brings a pip; uv has to be given one.
  const bool own = venv.pip.empty() && venv.installer != "uv";
  if (own || environment.known_after != 0) return;
  PipInstall call{venv.path, {venv.pip == "latest" ? "pip" : "pip" + venv.pip}};
  if (venv.pip == "latest") call.upgrade = call.requirements;
  call.privilege = venv.privilege;
  if (const auto reported = ask(step, call, environment)) {
    take(step, call, environment, *reported);
    for (const auto& each : *reported) venv.expected.push_back(each.wheel);
  }
}

void PipForecaster::install(const PlannedStep& step, PipInstall& call) {
  auto& environment = environment_of(call.prefix);
  if (environment.known_after != 0) return put_off(step, environment.known_after);
  // What comes by a URL of its own cannot be named by a version.
  if (std::any_of(call.requirements.begin(), call.requirements.end(), is_direct))
    return put_off(step, step.id);
  const auto reported = ask(step, call, environment);
  if (!reported) return;
  take(step, call, environment, *reported);
  for (const auto& each : *reported) call.expected.push_back(each.wheel);
}

void PipForecaster::put_off(const PlannedStep& step, int after) {
  forecast_.known = false;
  for (const auto change : step.changes) plan_.changes[change].known_after = after;
}

std::vector<std::string> PipForecaster::arguments(const PlannedStep& step, const PipInstall& call,
                                                  const Environ& environment, const std::string& report) {
  auto asked = call;
  asked.installer = "pip";
  asked.keep.clear();
  for (const auto& each : call.keep) {
    const auto requirement = PepRequirement::parse(each);
    if (!requirement) continue;
    const auto found = environment.installed.find(requirement->canonical_name());
    const auto version = PepVersion::parse(found == environment.installed.end() ? "" : found->second.version);
    if (version && requirement->specifiers.contains(*version)) asked.keep.push_back(each);
  }
  for (const auto change : step.changes) {
    const auto found = request_.promised.find(plan_.changes[change].address.str());
    if (found != request_.promised.end())
      asked.keep.insert(asked.keep.end(), found->second.begin(), found->second.end());
  }
  const auto constraints = report + ".constraints";
  if (!asked.keep.empty()) {
    static_cast<void>(request_.writer.write_file(
        {constraints, join(asked.keep, "\n") + "\n", 0644, {}, request_.cache.privilege}));
  }
  if (request_.offline) asked.source = pooled_source(request_.host, request_.pool);
  auto words = step_command(Step(asked));
  words.erase(words.begin(), words.begin() + 4);  // python -m pip install
  for (auto& word : words) {
    if (word == constraints_path(asked)) word = constraints;
  }
  words.insert(words.begin(),
               {"install", "--dry-run", "--quiet", "--report", report, "--only-binary", ":all:"});
  return words;
}

Result<std::vector<ReportedWheel>> PipForecaster::ask(const PlannedStep& step, const PipInstall& call,
                                                      Environ& environment) {
  const auto pip = pips_.find(environment.wanted);
  if (!pip) {
    put_off(step, step.id);
    return pip.error();
  }
  const PretendedSite site(request_.host, request_.writer, request_.cache.privilege,
                           folder() + "/coming-" + sha256_hex(environment.wanted.prefix).substr(0, 12));
  const bool copied = environment.wanted.stands && !environment.wanted.prefix.empty();
  const auto pretended = site.lay(copied ? environment.installed : Distributions(), environment.coming);
  if (!pretended) return pretended.error();
  const auto report =
      folder() + "/report-" + sha256_hex(call.prefix + join(call.requirements, " ")).substr(0, 12);
  static_cast<void>(request_.writer.remove(report, Depth::only, request_.cache.privilege));
  Command command{pip->command, installer_variables(call.prefix.empty() ? "" : "/", request_.environment),
                  request_.cache.privilege, std::chrono::seconds(900)};
  const auto words = arguments(step, call, environment, report);
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  hide_addresses(command.argv, command.env);
  command.env["PYTHONPATH"] = pip->path + (pip->path.empty() ? "" : ":") + *pretended;
  command.env["PIP_CACHE_DIR"] = folder() + "/http";
  command.env["PYTHONDONTWRITEBYTECODE"] = "1";
  const auto output = request_.writer.run(command, {});
  const auto text = request_.host.read_file(report);
  for (const auto& path : {report, report + ".constraints", site.folder()})
    static_cast<void>(request_.writer.remove(path, Depth::tree, request_.cache.privilege));
  if (!output) return output.error();
  if (output->exit_code != 0 || !text || !*text) {
    explain(step, call, *output, environment);
    return Error{"forecast.pip", "pip could not plan", {}};
  }
  auto reported = parse_pip_report(**text);
  if (!reported) {
    put_off(step, step.id);
    forecast_.findings.push_back(
        {reported.error().code, Severity::error, reported.error().message, {}, origin_of(step)});
  }
  return reported;
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
                 error.code == "pip.wrong-platform" || error.code == "pip.hash-mismatch";
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

void PipForecaster::take(const PlannedStep& step, const PipInstall& call, Environ& environment,
                         const std::vector<ReportedWheel>& reported) {
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
    packages_.emplace_back(owner, plan_.changes[owner].packages.size());
    plan_.changes[owner].packages.push_back(std::move(made));
    forecast_.wheels.push_back({wheel, call.prefix, {}});
    environment.coming.push_back(reported[i]);
  }
  if (replaced.empty()) return;
  forecast_.findings.push_back(
      {"pip.replaces", Severity::warning,
       "what is installed already is replaced as a dependency: " + join(replaced, ", "),
       "declare its version to keep it", origin_of(step)});
}

/// Asks the servers for sizes, some at a time.
void PipForecaster::weigh() {
  constexpr std::size_t at_once = 16;
  auto& wheels = forecast_.wheels;
  for (std::size_t begin = 0; begin < wheels.size(); begin += at_once) {
    std::vector<std::future<WheelWeight>> answers;
    const auto end = std::min(begin + at_once, wheels.size());
    for (auto i = begin; i < end; ++i)
      answers.push_back(std::async(std::launch::async, [this, wheel = wheels[i].wheel] {
        return weight_of(wheel, request_.host, request_.writer, request_.pool, request_.offline);
      }));
    for (auto i = begin; i < end; ++i) {
      wheels[i].weight = answers[i - begin].get();
      auto& package = plan_.changes[packages_[i].first].packages[packages_[i].second];
      package.download_bytes = wheels[i].weight.bytes;
      if (wheels[i].weight.unpacked)
        package.disk_bytes = static_cast<std::int64_t>(*wheels[i].weight.unpacked);
    }
  }
}

}  // namespace

PipForecast forecast_pip(Plan& plan, const PipRequest& request) { return PipForecaster(plan, request).run(); }

}  // namespace mlenv
