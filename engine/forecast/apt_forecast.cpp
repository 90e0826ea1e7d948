#include "forecast/apt_forecast.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <set>

#include "base/text.hpp"
#include "forecast/apt_trouble.hpp"
#include "forecast/bringers.hpp"

namespace mlenv {
namespace {

std::string bare_name(const std::string& name) { return name.substr(0, name.find(':')); }

PackageChange::Action action_of(const AptEffect& effect) {
  using Action = PackageChange::Action;
  if (effect.after.empty()) return Action::remove;
  if (effect.before.empty()) return Action::install;
  const auto before = DebVersion::parse(effect.before), after = DebVersion::parse(effect.after);
  if (effect.before == effect.after || !before || !after) return Action::reinstall;
  return *after < *before ? Action::downgrade : Action::upgrade;
}

/// The stanzas of these packages, by `name=version`.
std::map<std::string, PackageStanza> stanzas_of(const std::vector<SimulatedChange>& changes,
                                                const ShadowApt& shadow) {
  constexpr std::size_t batch = 100;  // the output of one call is bounded
  std::map<std::string, PackageStanza> found;
  std::vector<std::string> words;
  const auto ask = [&] {
    if (words.empty()) return;
    words.insert(words.begin(), {"show", "--"});
    const auto output = shadow.run("apt-cache", std::exchange(words, {}));
    if (!output) return;
    for (auto& stanza : parse_stanzas(output->out)) {
      auto key = stanza.name + "=" + stanza.version;
      found.emplace(std::move(key), std::move(stanza));
    }
  };
  for (const auto& each : changes) {
    if (each.effect.after.empty()) continue;
    words.push_back(each.effect.name + "=" + each.effect.after);
    if (words.size() >= batch) ask();
  }
  ask();
  return found;
}

Bringers bringers_of(const std::vector<SimulatedChange>& all,
                     const std::map<std::string, PackageStanza>& stanzas) {
  std::vector<BroughtPackage> packages;
  for (const auto& each : all) {
    const auto name = bare_name(each.effect.name);
    BroughtPackage package{{name}, {}};
    if (const auto found = stanzas.find(name + "=" + each.effect.after); found != stanzas.end()) {
      for (const auto& provided : found->second.provides) package.names.push_back(bare_name(provided));
      package.brings = found->second.brings;
    }
    packages.push_back(std::move(package));
  }
  return Bringers(std::move(packages));
}

/// The names that a change itself gives apt.
std::vector<std::string> declared_names(const Change& change) {
  std::vector<std::string> names;
  for (const auto& step : change.decision.steps) {
    if (const auto* own = std::get_if<AptTransaction>(&step)) {
      for (const auto& item : own->install) names.push_back(item.name);
      names.insert(names.end(), own->remove.begin(), own->remove.end());
    }
  }
  return names;
}

PackageChange package_change(const SimulatedChange& change, const PackageStanza* stanza,
                             const DpkgStatus& installed) {
  PackageChange made;
  made.manager = "apt";
  made.name = change.effect.name;
  made.architecture = change.architecture;
  made.action = action_of(change.effect);
  made.before = change.effect.before;
  made.after = change.effect.after;
  made.origin = change.origin;
  const auto record = change.effect.before.empty() ? std::nullopt : installed.find(change.effect.name);
  const auto old = static_cast<std::int64_t>(record ? record->installed_bytes : 0);
  if (change.effect.after.empty()) made.disk_bytes = -old;
  if (stanza == nullptr) return made;
  made.file = stanza->file.substr(stanza->file.rfind('/') + 1);
  made.download_bytes = stanza->download_bytes;
  made.disk_bytes = static_cast<std::int64_t>(stanza->installed_bytes) - old;
  return made;
}

/// One transaction after another, each on top of what those before it do.
class Forecaster {
 public:
  Forecaster(Plan& plan, const ShadowApt& shadow, const DpkgStatus& installed, const Consent& consent,
             const std::string& trouble)
      : plan_(plan), shadow_(shadow), installed_(installed), consent_(consent), trouble_(trouble) {}

  AptForecast run() {
    for (auto& step : plan_.steps) {
      auto* transaction = std::get_if<AptTransaction>(&step.step);
      if (transaction != nullptr && !(transaction->install.empty() && transaction->remove.empty()))
        look(step, *transaction);
    }
    return std::move(forecast_);
  }

 private:
  void look(const PlannedStep& step, AptTransaction& transaction) {
    choose_versions(transaction);
    auto uris = std::async(std::launch::async, [this, asked = transaction] { return shadow_.uris(asked); });
    auto all = std::get<AptTransaction>(merge_steps(Step(before_), Step(transaction)));
    const auto output = shadow_.simulate(all);
    if (!output || output->exit_code != 0)
      return refuse(step, transaction,
                    output ? *output : Output{1, false, {}, "E: " + output.error().message});
    std::vector<SimulatedChange> fresh;
    for (auto& change : parse_simulation(output->out)) {
      if (!seen_.insert(change.effect.name).second) continue;
      transaction.expected.push_back(change.effect);
      fresh.push_back(std::move(change));
    }
    before_ = std::move(all);
    before_.expected.clear();
    place(step, fresh, stanzas_of(fresh, shadow_));
    const bool allowed = transaction.allow_downgrades;
    check(step, transaction, fresh);
    add_downloads(transaction.allow_downgrades == allowed ? uris.get() : shadow_.uris(transaction));
  }

  void choose_versions(AptTransaction& transaction) const {
    for (auto& item : transaction.install) {
      const auto constraint = DebConstraint::parse(item.constraint);
      if (item.constraint.empty() || !constraint) continue;
      for (const auto& version : shadow_.versions(item.name)) {
        if (!constraint->allows(version)) continue;
        item.version = version.str();
        item.constraint.clear();
        break;
      }
    }
  }

  void refuse(const PlannedStep& step, const AptTransaction& transaction, const Output& output) {
    forecast_.known = false;
    const auto origin = plan_.changes[step.changes.front()].origin;
    if (!trouble_.empty()) {
      forecast_.findings.push_back({"forecast.index",
                                    Severity::warning,
                                    "which packages come cannot be told: " + trouble_,
                                    "`apply` fetches the index again before it changes anything",
                                    {}});
      return;
    }
    auto error = explain_apt_refusal(transaction, output, shadow_, installed_);
    forecast_.findings.push_back({error.code, Severity::error, error.message, error.hint, origin});
  }

  void place(const PlannedStep& step, const std::vector<SimulatedChange>& fresh,
             const std::map<std::string, PackageStanza>& stanzas) {
    auto bringers = bringers_of(fresh, stanzas);
    for (const auto change : step.changes) {
      for (const auto& name : declared_names(plan_.changes[change])) bringers.claim(change, bare_name(name));
    }
    bringers.spread();
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      auto& owner = plan_.changes[bringers.owner(i).value_or(step.changes.front())];
      const auto stanza = stanzas.find(bare_name(fresh[i].effect.name) + "=" + fresh[i].effect.after);
      auto made = package_change(fresh[i], stanza == stanzas.end() ? nullptr : &stanza->second, installed_);
      const auto names = declared_names(owner);
      made.declared = std::find(names.begin(), names.end(), made.name) != names.end();
      if (made.declared) settle_version(owner.decision, made.after);
      owner.packages.push_back(std::move(made));
    }
  }

  bool is_declared(const PlannedStep& step, const std::string& name) const {
    return std::any_of(step.changes.begin(), step.changes.end(), [&](std::size_t change) {
      const auto names = declared_names(plan_.changes[change]);
      return std::find(names.begin(), names.end(), name) != names.end();
    });
  }

  /// What nobody asked for and would be missed.
  void check(const PlannedStep& step, AptTransaction& transaction,
             const std::vector<SimulatedChange>& fresh) {
    std::vector<std::string> removed, lowered;
    for (const auto& change : fresh) {
      const auto action = action_of(change.effect);
      const bool declared = is_declared(step, change.effect.name);
      if (action == PackageChange::Action::downgrade) transaction.allow_downgrades = true;
      if (declared) continue;
      const auto& effect = change.effect;
      if (action == PackageChange::Action::remove)
        removed.push_back("`" + effect.name + "` (" + effect.before + ")");
      if (action == PackageChange::Action::downgrade)
        lowered.push_back("`" + effect.name + "` (" + effect.before + " -> " + effect.after + ")");
    }
    const auto severity = consent_.removals ? Severity::warning : Severity::error;
    const std::string hint =
        consent_.removals ? "" : "`--allow-removals` takes that; or declare what is to become of them";
    const auto origin = plan_.changes[step.changes.front()].origin;
    if (!removed.empty()) {
      forecast_.findings.push_back(
          {"apt.removes", severity,
           "apt would remove what the recipe does not declare: " + join(removed, ", "), hint, origin});
    }
    if (!lowered.empty()) {
      forecast_.findings.push_back(
          {"apt.downgrades", severity,
           "apt would go back to an older version of what the recipe does not declare: " +
               join(lowered, ", "),
           hint, origin});
    }
  }

  void add_downloads(std::vector<PrintedUri> uris) {
    for (auto& uri : uris) {
      if (files_.insert(uri.file).second) forecast_.downloads.push_back(std::move(uri));
    }
  }

  Plan& plan_;
  const ShadowApt& shadow_;
  const DpkgStatus& installed_;
  const Consent& consent_;
  const std::string& trouble_;
  AptTransaction before_;
  std::set<std::string> seen_, files_;
  AptForecast forecast_;
};

/// What an upgrade changes, as `name -> version`.
std::map<std::string, AptEffect> upgrade_of(const ShadowApt& shadow) {
  std::map<std::string, AptEffect> effects;
  const auto output = shadow.run("apt-get", {"-s", "-o", "Debug::NoLocking=1", "upgrade", "--with-new-pkgs"});
  if (!output || output->exit_code != 0) return effects;
  for (auto& change : parse_simulation(output->out)) effects.emplace(change.effect.name, change.effect);
  return effects;
}

}  // namespace

AptForecast forecast_apt(Plan& plan, const ShadowApt& shadow, const DpkgStatus& installed,
                         const Consent& consent, const std::string& trouble) {
  return Forecaster(plan, shadow, installed, consent, trouble).run();
}

NextUpgrade next_upgrade(const ShadowApt& with, const ShadowApt& without) {
  NextUpgrade upgrade;
  upgrade.with = upgrade_of(with);
  if (!upgrade.with.empty()) upgrade.without = upgrade_of(without);
  return upgrade;
}

std::optional<PlanFinding> forecast_upgrade(const Plan& plan, const NextUpgrade& upgrade) {
  const auto& before = upgrade.without;
  std::vector<std::string> moved;
  for (const auto& [name, effect] : upgrade.with) {
    const auto other = before.find(name);
    if (other != before.end() && other->second.after == effect.after) continue;
    const bool now =
        std::any_of(plan.changes.begin(), plan.changes.end(), [&name = name](const Change& change) {
          return std::any_of(change.packages.begin(), change.packages.end(), [&](const PackageChange& each) {
            return each.manager == "apt" && each.name == name;
          });
        });
    if (!now)
      moved.push_back(name + " " + (effect.before.empty() ? "(new)" : effect.before) + " -> " + effect.after);
  }
  if (moved.empty()) return std::nullopt;
  constexpr std::size_t shown = 8;
  const auto count = moved.size();
  if (count > shown) moved.resize(shown);
  return PlanFinding{"apt.next-upgrade",
                     Severity::warning,
                     "with the repositories added here the next `apt upgrade` also changes " +
                         join(moved, ", ") +
                         (count > shown ? " and " + std::to_string(count - shown) + " more" : ""),
                     "a hold (`hold: true`) or a lower `pin_priority` keeps them as they are",
                     {}};
}

}  // namespace mlenv
