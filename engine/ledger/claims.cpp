#include "ledger/claims.hpp"

#include <algorithm>

#include "base/pep_requirement.hpp"
#include "base/text.hpp"
#include "ledger/standing.hpp"
#include "resource/fenced_block.hpp"
#include "resource/systemd_unit.hpp"

namespace mlenv {
namespace {

using Sort = Effect::Sort;

/// The effects of one resource's own part of a step.
class Claims {
 public:
  Claims(const Change& change, const ProbeScope& scope) : change_(change), scope_(scope) {}

  std::vector<Effect> of(const Step& step) {
    privilege_ = step_privilege(step);
    std::visit([this](const auto& each) { add(each); }, step);
    return std::move(effects_);
  }

 private:
  void add(const WriteFile& step) { file(step.path, sha256_hex(step.content)); }
  void add(const MakeDirectory& step) { folders(step.path); }
  void add(const EditBlock& step) {
    if (!is_there(step.path)) folders(parent_path(step.path));
    for (const auto& entry : step.set) {
      Effect effect = placed(Sort::entry, step.path);
      effect.block = step.block;
      effect.name = entry.key;
      effects_.push_back(std::move(effect));
    }
  }
  void add(const MovePath& step) { moved(step); }
  void add(const AddRepository& step) {
    if (!step.keyring_path.empty()) {
      folders(parent_path(step.keyring_path));
      file(step.keyring_path, {});
    }
    if (!step.pin_path.empty()) file(step.pin_path, sha256_hex(step.pin_content));
    for (const auto& each : step.disabled) moved(each);
    for (const auto& each : step.replaced) file(each.path, sha256_hex(each.content));
    file(step.source_path, sha256_hex(step.source_content));
  }
  void add(const AptTransaction& step) {
    if (change_.packages.empty()) {
      for (const auto& item : step.install) brought(Sort::package, {}, item.name, item.version);
    }
    for (const auto& each : change_.packages) {
      if (each.manager == "apt" && each.before.empty() && !each.after.empty())
        brought(Sort::package, {}, each.name, each.after);
    }
    for (const auto& name : step.hold) brought(Sort::hold, {}, name, {});
  }
  void add(const RpmTransaction& step) {
    if (step.verb != RpmTransaction::Verb::install) return;
    for (const auto& item : step.packages) {
      brought(Sort::rpm_package, {}, item.name, item.version);
      if (!effects_.empty()) effects_.back().to = step.manager;
    }
  }
  void add(const MakeVenv& step) {
    if (is_there(step.path)) return;
    folders(parent_path(step.path));
    effects_.push_back(placed(Sort::venv, step.path));
  }
  void add(const PipInstall& step) {
    for (const auto& each : change_.packages) {
      if (each.manager == "pip" && each.before.empty() && !each.after.empty())
        brought(Sort::distribution, step.prefix, each.name, each.after);
    }
    if (!change_.packages.empty()) return;
    for (const auto& each : step.requirements) {
      if (const auto requirement = PepRequirement::parse(each))
        brought(Sort::distribution, step.prefix, requirement->canonical_name(), {});
    }
  }
  void add(const ControlUnit& step) {
    using Verb = ControlUnit::Verb;
    const auto folder = own_unit_folder(step.scope, scope_.facts.user);
    if (step.verb == Verb::enable || step.verb == Verb::reenable)
      brought(Sort::enabled, folder, step.unit, {});
    if (step.verb == Verb::start || step.verb == Verb::restart) brought(Sort::running, folder, step.unit, {});
  }
  void add(const SetMembership& step) {
    Effect effect = placed(Sort::member, {});
    effect.name = step.user;
    effect.block = step.group;
    if (step.member && standing_of(effect, scope_) == Standing::absent) effects_.push_back(std::move(effect));
  }
  template <class Other>
  void add(const Other&) {}  // removes, checks or only downloads

  Effect placed(Sort sort, const std::string& path) const {
    Effect effect;
    effect.sort = sort;
    effect.path = path;
    effect.privilege = privilege_;
    return effect;
  }
  bool is_there(const std::string& path) const {
    const auto stat = scope_.host.stat(path, Links::keep);
    return !stat || stat->has_value();
  }
  void file(const std::string& path, std::string digest) {
    Effect effect = placed(Sort::file, path);
    effect.sha256 = std::move(digest);
    effects_.push_back(std::move(effect));
  }
  /// The folder and those above it that are not there, from the top.
  void folders(const std::string& path) {
    if (path == "/" || is_there(path)) return;
    folders(parent_path(path));
    effects_.push_back(placed(Sort::folder, path));
  }
  void moved(const MovePath& step) {
    Effect effect = placed(Sort::moved, step.from);
    effect.to = step.to;
    effects_.push_back(std::move(effect));
  }
  void brought(Sort sort, const std::string& prefix, const std::string& name, const std::string& version) {
    Effect effect = placed(sort, prefix);
    effect.name = name;
    effect.version = version;
    if (standing_of(effect, scope_) == Standing::absent) effects_.push_back(std::move(effect));
  }

  const Change& change_;
  const ProbeScope& scope_;
  Privilege privilege_ = Privilege::root;
  std::vector<Effect> effects_;
};

}  // namespace

std::vector<LedgerEntry> claims_of(const Step& step, const std::vector<std::size_t>& changes,
                                   const Plan& plan, const HostReader& host, const Facts& facts) {
  std::vector<LedgerEntry> entries;
  if (is_download(step)) return entries;
  ProbeCache cache;
  const ProbeScope scope{host, facts, cache};
  for (const auto index : changes) {
    const auto& change = plan.changes[index];
    LedgerEntry entry{change.address.str(), plan.recipe.name, {}, {}};
    for (const auto& need : change.needs) entry.needs.push_back(need.str());
    const auto& own = change.decision.steps;
    const bool shared = changes.size() > 1 || std::find(own.begin(), own.end(), step) == own.end();
    for (const auto& each : own) {
      const bool part =
          shared ? each.index() == step.index() && merge_key(each) == merge_key(step) : each == step;
      if (!part) continue;
      auto made = Claims(change, scope).of(each);
      entry.made.insert(entry.made.end(), made.begin(), made.end());
    }
    if (!entry.made.empty()) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace mlenv
