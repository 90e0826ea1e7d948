#include "forecast/forecast.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include "base/text.hpp"
#include "forecast/fetch_steps.hpp"
#include "forecast/part_from_builders.hpp"
#include "forecast/pip_asking.hpp"
#include "forecast/price.hpp"
#include "forecast/standing_apt.hpp"
#include "host/fact_packages.hpp"

namespace mlenv {
namespace {

template <class S>
bool has(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const PlannedStep& step) { return std::holds_alternative<S>(step.step); });
}

bool has_transaction(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const PlannedStep& step) {
    const auto* transaction = std::get_if<AptTransaction>(&step.step);
    return transaction != nullptr && !(transaction->install.empty() && transaction->remove.empty());
  });
}

std::vector<AddRepository> repositories_of(const Plan& plan) {
  std::vector<AddRepository> all;
  for (const auto& step : plan.steps) {
    if (const auto* repository = std::get_if<AddRepository>(&step.step)) all.push_back(*repository);
  }
  return all;
}

std::vector<std::string> unheld_of(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& step : plan.steps) {
    if (const auto* transaction = std::get_if<AptTransaction>(&step.step))
      all.insert(all.end(), transaction->unhold.begin(), transaction->unhold.end());
  }
  return all;
}

/// `3 hours`, `12 days`.
std::string age_text(std::int64_t seconds) {
  constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
  const auto [unit, name] = seconds >= 2 * day      ? std::pair(day, " days")
                            : seconds >= 2 * hour   ? std::pair(hour, " hours")
                            : seconds >= 2 * minute ? std::pair(minute, " minutes")
                                                    : std::pair(minute, " minute");
  return seconds < minute ? "less than a minute" : std::to_string(seconds / unit) + name;
}

DpkgStatus installed_packages(const ForecastRequest& request) {
  const auto file = share_status_file(request.host);
  return file && *file ? DpkgStatus(*file, {}) : DpkgStatus();
}

/// The Release files of the host's own sources differ from those that were planned with.
bool index_is_older(const ForecastRequest& request, const ShadowApt& own) {
  for (const auto& name : own.index_files()) {
    if (!name.ends_with("Release")) continue;
    const auto theirs = request.host.read_file("/var/lib/apt/lists/" + name);
    const auto ours = request.host.read_file(own.lists() + "/" + name);
    if (theirs && ours && *theirs != *ours) return true;
  }
  return false;
}

class Forecasting {
 public:
  Forecasting(Plan& plan, const ForecastRequest& request)
      : plan_(plan), request_(request), installed_(installed_packages(request)) {}

  void run() {
    const bool apt = has<AddRepository>(plan_) || has_transaction(plan_);
    const bool pip = has<PipInstall>(plan_) || has<MakeVenv>(plan_);
    say(std::string("asking ") + (apt && pip ? "apt and pip" : apt ? "apt" : "pip") + " what will come");
    const PipRequest request{request_.host,
                             request_.writer,
                             request_.facts,
                             request_.environment,
                             request_.python,
                             request_.offline,
                             [this](const CacheFolder& cache) { return bundled_pip(cache); },
                             request_.promised};
    std::optional<PipAsking> asking;
    if (pip) asking.emplace(plan_, request).begin();
    const auto steps = plan_.steps.size();
    if (apt) look_at_apt();
    apt_looked_.set_value();
    if (pip) pip_ = forecast_pip(plan_, request, *asking, plan_.steps.size() - steps);
    add(pip_.findings);
    part_from_builders(plan_);
    plan_.reboot = needs_reboot() || plan_.reboot;
    plan_.price = price_of(
        plan_, {request_.host, request_.facts, installed_, request_.packages, request_.python, apt_, pip_});
    add(space_findings(plan_.price));
    add_fetch_steps(plan_, apt_, pip_, request_.python, request_.host);
  }

 private:
  void say(std::string_view what) const {
    if (request_.says) request_.says(what);
  }

  void look_at_apt() {
    shadow_.emplace(request_.host, request_.writer, request_.packages);
    auto& shadow = *shadow_;
    const auto repositories = repositories_of(plan_);
    const auto prepared = shadow.prepare(repositories, unheld_of(plan_), request_.offline);
    if (!prepared) return fail(prepared.error());
    for (const auto& path : shadow.unreadable()) {
      plan_.findings.push_back({"forecast.unreadable",
                                Severity::warning,
                                "`" + path + "` cannot be read, and apt is asked without it",
                                "plan through sudo to have it counted",
                                {}});
    }
    std::string trouble;
    if (request_.offline) {
      say_age(shadow);
    } else {
      const auto updated = shadow.update();
      if (!updated) return fail(updated.error());
      trouble = *updated;
      if (!trouble.empty()) {
        plan_.findings.push_back({"forecast.index",
                                  Severity::warning,
                                  "apt's index is not whole: " + trouble,
                                  "what these sources have is planned from an older index, or not at all",
                                  {}});
      }
    }
    ask_apt(shadow, trouble);
  }

  /// What does not depend on each other is asked beside each other: each question costs apt half a second.
  void ask_apt(const ShadowApt& shadow, const std::string& trouble) {
    const bool adds = has<AddRepository>(plan_), transacts = has_transaction(plan_);
    ShadowApt own(request_.host, request_.writer, request_.packages);
    const bool laid = own.prepare({}, {}, request_.offline).ok();
    auto digests = std::async(std::launch::async, [&] { return index_digests(shadow, request_.host); });
    auto older = std::async(transacts && laid ? std::launch::async : std::launch::deferred,
                            [&] { return index_is_older(request_, own); });
    auto upgrade = std::async(adds && laid && trouble.empty() ? std::launch::async : std::launch::deferred,
                              [&] { return next_upgrade(shadow, own); });
    apt_ = forecast_apt(plan_, shadow, installed_, request_.consent, trouble);
    add(apt_.findings);
    plan_.indexes = digests.get();
    if (!laid) return;
    if (adds && trouble.empty()) {
      if (auto finding = forecast_upgrade(plan_, upgrade.get()))
        plan_.findings.push_back(std::move(*finding));
    }
    if (transacts && older.get()) add_index_update(plan_);
  }

  /// Where no pip is yet, the distribution has one as a package, which is looked into, not installed.
  std::string bundled_pip(const CacheFolder& cache) {
    apt_seen_.wait();
    if (!shadow_) return {};
    const auto folder = cache.path + "/pip/bundled";
    auto wheels = folder + "/usr/share/python-wheels";
    for (const std::string name : {"python3-pip-whl", "python-pip-whl"}) {
      const AptTransaction transaction{{{name, {}, {}}}};
      for (const auto& uri : shadow_->uris(transaction)) {
        if (!uri.file.starts_with(name + "_")) continue;
        const bool local = uri.uri.starts_with("file:");
        if (!local && !shadow_->download(transaction)) continue;
        const auto deb =
            local ? percent_decoded(uri.uri.substr(uri.uri.find('/'))) : shadow_->archives() + "/" + uri.file;
        const auto output = request_.writer.run(
            {{"dpkg-deb", "-x", deb, folder}, of_the_system(), cache.privilege, std::chrono::seconds(60)},
            {});
        if (output && output->exit_code == 0) return wheels;
      }
    }
    return {};
  }

  /// A driver for a card that is there, or another build of the kernel that runs.
  bool needs_reboot() {
    bool needed = false;
    const auto* kernel = known(request_.facts.kernel);
    for (auto& change : plan_.changes) {
      for (const auto& each : change.packages) {
        if (each.manager != "apt" || each.action == PackageChange::Action::remove) continue;
        const bool driver = has_gpu(request_.facts) && is_driver_package(each.name);
        change.reboots = change.reboots || (driver && plan_.host.root == "/");
        needed = needed || driver || (kernel != nullptr && each.name == "linux-image-" + *kernel);
      }
    }
    return needed;
  }

  void say_age(const ShadowApt& shadow) {
    const auto time = shadow.index_time();
    plan_.findings.push_back({"forecast.offline",
                              Severity::note,
                              time ? "planned from the cache; its index was last found up to date " +
                                         age_text(request_.now - *time) + " ago"
                                   : "planned from the cache, which has no index of its own yet",
                              {},
                              {}});
  }

  /// What a person has to settle is an error; a network that is down is not.
  void fail(const Error& error) {
    apt_.known = false;
    const bool wrong = error.code == "apt.wrong-key";
    plan_.findings.push_back({error.code,
                              wrong ? Severity::error : Severity::warning,
                              (wrong ? "" : "which packages come cannot be told: ") + error.message,
                              error.hint,
                              {}});
  }

  void add(const std::vector<PlanFinding>& findings) {
    plan_.findings.insert(plan_.findings.end(), findings.begin(), findings.end());
  }

  Plan& plan_;
  const ForecastRequest& request_;
  DpkgStatus installed_;
  std::optional<ShadowApt> shadow_;
  std::promise<void> apt_looked_;
  std::shared_future<void> apt_seen_ = apt_looked_.get_future().share();
  AptForecast apt_;
  PipForecast pip_;
};

}  // namespace

void forecast(Plan& plan, const ForecastRequest& request) {
  const bool work =
      has<AddRepository>(plan) || has_transaction(plan) || has<PipInstall>(plan) || has<MakeVenv>(plan);
  if (work) Forecasting(plan, request).run();
}

}  // namespace mlenv
