#include "forecast/pip_asking.hpp"

#include <algorithm>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "forecast/folder_asking.hpp"
#include "forecast/pretended_site.hpp"
#include "forecast/uv_asking.hpp"
#include "forecast/wheel_pool.hpp"
#include "resource/installer_settings.hpp"
#include "resource/python_wish.hpp"
#include "resource/uv.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

bool is_direct(const std::string& requirement) {
  const auto parsed = PepRequirement::parse(requirement);
  return !parsed || !parsed->url.empty();
}

/// What is kept: what is met already, and what an earlier plan has promised.
std::vector<std::string> kept_by(const PipInstall& call, const PlannedStep& step, const Plan& plan,
                                 const PipRequest& request, const Environ& environment) {
  std::vector<std::string> kept;
  for (const auto& each : call.keep) {
    const auto requirement = PepRequirement::parse(each);
    if (!requirement) continue;
    const auto found = environment.installed.find(requirement->canonical_name());
    const auto version = PepVersion::parse(found == environment.installed.end() ? "" : found->second.version);
    if (version && requirement->specifiers.contains(*version)) kept.push_back(each);
  }
  for (const auto change : step.changes) {
    const auto found = request.promised.find(plan.changes[change].address.str());
    if (found != request.promised.end()) kept.insert(kept.end(), found->second.begin(), found->second.end());
  }
  return kept;
}

}  // namespace

Environ standing_environment(const std::string& prefix, const PipRequest& request) {
  Environ made;
  made.wanted.prefix = prefix;
  made.wanted.stands = true;
  std::vector<std::string> folders;
  if (prefix.empty()) {
    if (!request.facts.pythons.empty()) {
      made.wanted.interpreter = request.facts.pythons.front().path;
      made.wanted.version = request.facts.pythons.front().version;
    }
    folders = {request.facts.user.home + "/.local/lib/python" + python_minor(made.wanted.version) +
               "/site-packages"};
  } else {
    const auto text = request.host.read_file(venv_config_path(prefix));
    const auto config = text && *text ? parse_venv_config(**text) : VenvConfig();
    made.wanted.version = config.version;
    made.wanted.interpreter = config.home + "/python" + python_minor(config.version);
    made.wanted.system_site_packages = config.system_site_packages;
    folders = own_site_folders(request.host, prefix, python_minor(config.version));
  }
  if (auto found = read_all_distributions(request.host, folders)) made.installed = std::move(*found);
  return made;
}

std::optional<Environ> coming_environment(const MakeVenv& venv, const PipRequest& request) {
  Environ made;
  made.wanted.prefix = venv.path;
  made.wanted.system_site_packages = venv.system_site_packages;
  const auto wish = PythonWish::parse(venv.specifier).value_or(PythonWish());
  if (venv.interpreter.starts_with("/") && exists(request.host, venv.interpreter)) {
    made.wanted.interpreter = venv.interpreter;
    for (const auto& python : request.facts.pythons) {
      if (python.path == venv.interpreter) made.wanted.version = python.version;
    }
  } else if (const auto python = choose_python(request.facts.pythons, wish)) {
    made.wanted.interpreter = python->path;
    made.wanted.version = python->version;
  } else {
    return std::nullopt;
  }
  return made;
}

std::optional<PipInstall> call_for_pip(const MakeVenv& venv) {
  if (venv.pip.empty()) return std::nullopt;
  PipInstall call{venv.path, {venv.pip == "latest" ? "pip" : "pip" + venv.pip}};
  if (venv.pip == "latest") call.upgrade = call.requirements;
  call.privilege = venv.privilege;
  return call;
}

namespace {

PlanningPips pips_of(const PipRequest& request, Privilege privilege) {
  return {request.host,
          request.writer,
          request.asker(privilege).home,
          request.environment,
          request.caches.of(privilege).planning,
          request.offline,
          request.bundled_pip};
}

}  // namespace

PipAsking::PipAsking(const Plan& plan, const PipRequest& request)
    : request_(request),
      users_pips_(pips_of(request, Privilege::user)),
      roots_pips_(pips_of(request, Privilege::root)) {
  std::vector<std::string> unknown;  // environments whose Python comes with the plan
  for (std::size_t place = 0; place < plan.steps.size(); ++place) {
    const auto& step = plan.steps[place].step;
    if (const auto* venv = std::get_if<MakeVenv>(&step)) {
      auto made = coming_environment(*venv, request);
      if (!made) unknown.push_back(venv->path);
      if (!made) continue;
      environments_[venv->path] = std::move(*made);
      if (auto call = call_for_pip(*venv)) add(place, std::move(*call), plan);
    }
    const auto* call = std::get_if<PipInstall>(&step);
    if (call == nullptr || std::find(unknown.begin(), unknown.end(), call->prefix) != unknown.end()) continue;
    if (environments_.count(call->prefix) == 0)
      environments_.emplace(call->prefix, standing_environment(call->prefix, request));
    // What comes by a URL of its own cannot be named by a version.
    if (std::none_of(call->requirements.begin(), call->requirements.end(), is_direct))
      add(place, *call, plan);
  }
}

PipAsking::~PipAsking() {
  for (auto& [prefix, asked] : asked_) {
    if (asked.valid()) asked.wait();
  }
}

void PipAsking::add(std::size_t place, PipInstall call, const Plan& plan) {
  const bool by_uv = call.installer == "uv";
  const bool compiles = call.installer == "pip" && compiles_at_once(call.privilege, request_.facts.user.uid);
  call.installer = "pip";
  call.keep = kept_by(call, plan.steps[place], plan, request_, environments_.at(call.prefix));
  auto& questions = questions_[call.prefix];
  questions.push_back({place, std::move(call), compiles ? Compiling::all : Compiling::none, by_uv});
}

/// Whether two environments that are to be made get the same: what is true of the one is of the other.
bool PipAsking::are_alike(const std::string& one, const std::string& other) const {
  const auto& first = environments_.at(one).wanted;
  const auto& second = environments_.at(other).wanted;
  const auto& asked = questions_.at(one);
  const auto& also = questions_.at(other);
  const auto same = [](const Question& left, const Question& right) {
    auto call = right.call;
    call.prefix = left.call.prefix;
    return left.call == call && left.compiling == right.compiling && left.by_uv == right.by_uv;
  };
  return !first.stands && !second.stands && first.interpreter == second.interpreter &&
         first.version == second.version && first.system_site_packages == second.system_site_packages &&
         std::equal(asked.begin(), asked.end(), also.begin(), also.end(), same);
}

void PipAsking::begin() {
  for (auto& [prefix, questions] : questions_) {
    const auto twin = std::find_if(asked_.begin(), asked_.end(), [&, &own = prefix](const auto& each) {
      return are_alike(each.first, own);
    });
    if (twin != asked_.end()) {
      answered_by_[prefix] = twin->first;
    } else {
      asked_[prefix] =
          std::async(std::launch::async, [this, &own = prefix, &all = questions] { ask_all(own, all); });
    }
  }
}

const PipAnswer* PipAsking::answer(std::size_t place) {
  for (auto& [prefix, questions] : questions_) {
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if (questions[i].place != place) continue;
      const auto twin = answered_by_.find(prefix);
      const auto& by = twin == answered_by_.end() ? prefix : twin->second;
      if (auto& asked = asked_.at(by); asked.valid()) asked.get();
      return &questions_.at(by)[i].answer;
    }
  }
  return nullptr;
}

void PipAsking::ask_all(const std::string& prefix, Questions& questions) {
  auto& environment = environments_.at(prefix);
  for (auto& question : questions) {
    std::optional<std::vector<ReportedWheel>> quick;
    const auto asker = request_.asker(question.call.privilege);
    const bool told_otherwise =
        question.by_uv && uv_is_told_otherwise(request_.host, asker.home, request_.environment);
    if (environment.coming.empty() && !told_otherwise)
      quick = ask_folders(question.call, environment.wanted,
                          {request_.host, request_.facts.arch, asker, request_.environment});
    if (!quick && question.by_uv && environment.coming.empty())
      quick = ask_uv(question.call, environment.wanted, request_);
    question.answer = quick ? PipAnswer{std::move(*quick)} : ask(question.call, environment);
    const auto& reported = question.answer.reported;
    environment.coming.insert(environment.coming.end(), reported.begin(), reported.end());
  }
  for (auto& question : questions) weigh(question);
}

std::vector<std::string> PipAsking::arguments(const PipInstall& call, const std::string& report) {
  auto asked = call;
  const auto constraints = report + ".constraints";
  if (!asked.keep.empty()) {
    static_cast<void>(request_.writer.write_file(
        {constraints, join(asked.keep, "\n") + "\n", 0644, {}, cache_of(call).privilege}));
  }
  if (request_.offline)
    asked.source = pooled_source(request_.host, request_.caches.of(call.privilege).wheels);
  auto words = step_command(Step(asked));
  words.erase(words.begin(), words.begin() + 4);  // python -m pip install
  for (auto& word : words) {
    if (word == constraints_path(asked)) word = constraints;
  }
  words.insert(words.begin(),
               {"install", "--dry-run", "--quiet", "--report", report, "--only-binary", ":all:"});
  return words;
}

PipAnswer PipAsking::ask(const PipInstall& call, Environ& environment) {
  PipAnswer answer;
  const auto& cache = cache_of(call);
  const auto folder = cache.path + "/pip";
  std::unique_lock lock(finding_);
  auto& pips = call.privilege == Privilege::root ? roots_pips_ : users_pips_;
  const auto pip = pips.find(environment.wanted);
  lock.unlock();
  if (!pip) return answer.trouble = pip.error(), answer;
  const PretendedSite site(request_.host, request_.writer, cache.privilege,
                           folder + "/coming-" + sha256_hex(environment.wanted.prefix).substr(0, 12));
  const bool copied = environment.wanted.stands && !environment.wanted.prefix.empty();
  const auto pretended = site.lay(copied ? environment.installed : Distributions(), environment.coming);
  if (!pretended) return answer.trouble = pretended.error(), answer;
  const auto report =
      folder + "/report-" + sha256_hex(call.prefix + join(call.requirements, " ")).substr(0, 12);
  if (exists(request_.host, report))
    static_cast<void>(request_.writer.remove(report, Depth::only, cache.privilege));
  Command command{pip->command, installer_variables(call.prefix.empty() ? "" : "/", request_.environment),
                  cache.privilege, std::chrono::seconds(900)};
  const auto words = arguments(call, report);
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  hide_addresses(command.argv, command.env);
  command.env["PYTHONPATH"] = pip->path + (pip->path.empty() ? "" : ":") + *pretended;
  command.env["PIP_CACHE_DIR"] = folder + "/http";
  if (!pip->compiles) command.env["PYTHONDONTWRITEBYTECODE"] = "1";
  const auto output = request_.writer.run(command, {});
  const auto text = request_.host.read_file(report);
  for (const auto& path : {report, report + ".constraints", site.folder()}) {
    if (exists(request_.host, path))
      static_cast<void>(request_.writer.remove(path, Depth::tree, cache.privilege));
  }
  if (!output) return answer.trouble = output.error(), answer;
  if (output->exit_code != 0 || !text || !*text) return answer.refusal = *output, answer;
  auto reported = parse_pip_report(**text);
  if (!reported) return answer.unreadable = reported.error(), answer;
  answer.reported = std::move(*reported);
  return answer;
}

/// Asks the servers for sizes, some at a time.
void PipAsking::weigh(Question& question) const {
  auto& answer = question.answer;
  const auto& pool = request_.caches.of(question.call.privilege).wheels;
  constexpr std::size_t at_once = 16;
  const auto count = answer.reported.size();
  for (std::size_t begin = 0; begin < count; begin += at_once) {
    std::vector<std::future<WheelWeight>> weights;
    for (auto i = begin; i < std::min(begin + at_once, count); ++i) {
      const auto& wheel = answer.reported[i].wheel;
      const bool here = is_pooled(request_.host, pool, wheel);
      weights.push_back(std::async(here ? std::launch::deferred : std::launch::async, [this, &wheel,
                                                                                       &question, &pool] {
        return weight_of(wheel, request_.host, request_.writer, pool, request_.offline, question.compiling);
      }));
    }
    for (auto& weight : weights) answer.weights.push_back(weight.get());
  }
}

}  // namespace mlenv
