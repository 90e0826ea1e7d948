#include "adopt/python_web.hpp"

#include <algorithm>

namespace mlenv {

PythonWeb::PythonWeb(const HostReader& host, Distributions packages, MarkerEnvironment markers)
    : packages_(std::move(packages)), markers_(std::move(markers)) {
  for (const auto& [name, package] : packages_) read(host, package);
}

void PythonWeb::read(const HostReader& host, const Distribution& package) {
  auto& metadata = metadata_[package.name];
  metadata.requested = exists(host, join_path(package.folder, "REQUESTED"));
  const auto text = host.read_file(join_path(package.folder, "METADATA"));
  if (!text || !*text) return;
  for (const auto& each : metadata_values(**text, "Requires-Dist")) {
    if (auto parsed = PepRequirement::parse(each)) metadata.needs.push_back(std::move(*parsed));
  }
  for (const auto& each : metadata_values(**text, "Provides-Extra"))
    metadata.extras.push_back(canonical_project_name(each));
}

std::vector<const PepRequirement*> PythonWeb::needs(const std::string& name, const std::string& extra) const {
  std::vector<const PepRequirement*> found;
  const auto metadata = metadata_.find(name);
  if (metadata == metadata_.end()) return found;
  auto markers = markers_;
  for (const auto& each : metadata->second.needs) {
    markers["extra"] = "";
    const bool always = each.applies(markers);
    markers["extra"] = extra;
    if (extra.empty() ? always : !always && each.applies(markers)) found.push_back(&each);
  }
  return found;
}

void PythonWeb::bring(const std::string& name, const std::string& extra, Brought& brought) const {
  std::vector<std::pair<std::string, std::string>> open = {{name, extra}};
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    if (packages_.count(next.first) == 0 || !brought.insert(next).second) continue;
    if (!next.second.empty()) open.emplace_back(next.first, "");
    for (const auto* each : needs(next.first, next.second)) {
      open.emplace_back(each->canonical_name(), "");
      for (const auto& more : each->extras) open.emplace_back(each->canonical_name(), more);
    }
  }
}

std::size_t PythonWeb::left(const Brought& brought) const {
  return static_cast<std::size_t>(std::count_if(packages_.begin(), packages_.end(), [&](const auto& each) {
    return brought.count({each.first, ""}) == 0;
  }));
}

/// The extra all of whose needs are there and that brings most of what nothing has brought yet.
bool PythonWeb::add_best_extra(std::vector<WantedDistribution>& wanted, Brought& brought) const {
  auto best = left(brought);
  Brought best_brought;
  std::pair<WantedDistribution*, std::string> chosen = {nullptr, {}};
  for (auto& each : wanted) {
    for (const auto& extra : metadata_.at(each.name).extras) {
      const auto needed = needs(each.name, extra);
      const bool all = std::all_of(needed.begin(), needed.end(), [&](const PepRequirement* need) {
        return packages_.count(need->canonical_name()) != 0;
      });
      const bool news = std::any_of(needed.begin(), needed.end(), [&](const PepRequirement* need) {
        return brought.count({need->canonical_name(), ""}) == 0;
      });
      if (!all || !news) continue;
      auto with = brought;
      bring(each.name, extra, with);
      if (left(with) >= best) continue;
      best = left(with);
      best_brought = std::move(with);
      chosen = {&each, extra};
    }
  }
  if (chosen.first == nullptr) return false;
  chosen.first->extras.push_back(chosen.second);
  std::sort(chosen.first->extras.begin(), chosen.first->extras.end());
  brought = std::move(best_brought);
  return true;
}

std::vector<WantedDistribution> PythonWeb::wanted(const std::set<std::string>& given) const {
  std::vector<WantedDistribution> wanted;
  Brought brought;
  for (const auto& name : given) bring(name, "", brought);
  for (const auto& [name, metadata] : metadata_) {
    if (metadata.requested && given.count(name) == 0) wanted.push_back({name, {}});
  }
  for (const auto& each : wanted) bring(each.name, "", brought);
  while (add_best_extra(wanted, brought)) {
  }
  std::vector<std::string> others;
  std::set<std::string> needed;
  for (const auto& [name, package] : packages_) {
    if (brought.count({name, ""}) != 0) continue;
    others.push_back(name);
    Brought below;
    bring(name, "", below);
    for (const auto& each : below)
      if (each.first != name) needed.insert(each.first);
  }
  for (const bool roots : {true, false}) {
    for (const auto& name : others) {
      if (brought.count({name, ""}) != 0 || (roots && needed.count(name) != 0)) continue;
      wanted.push_back({name, {}});
      bring(name, "", brought);
    }
  }
  std::sort(wanted.begin(), wanted.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  return wanted;
}

}  // namespace mlenv
