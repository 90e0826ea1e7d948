#include "plan/graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <map>
#include <queue>
#include <unordered_map>

#include "base/text.hpp"

namespace mlenv {
namespace {

using Edges = std::vector<std::vector<std::size_t>>;

std::string noun(Capability capability) {
  switch (capability) {
    case Capability::package_source:
      return "the repository";
    case Capability::apt_package:
      return "the apt package";
    case Capability::python_env:
      return "the venv";
    case Capability::pip_package:
      return "the Python package";
    case Capability::path:
      return "the path";
  }
  return "the resource";
}

/// Collects edges and answers questions about what the resources offer.
class Linker {
 public:
  Linker(std::vector<Resource> resources, Diagnostics& diagnostics)
      : resources_(std::move(resources)), diagnostics_(diagnostics) {}

  std::optional<Graph> run();

 private:
  void drop_repeats();
  void index_offers();
  void add_explicit(std::size_t self);
  void add_wants(std::size_t self);
  void add_named(std::size_t self, const Want& want);
  void add_above(std::size_t self, const Want& want);
  void tell_below(const Want& want);
  void add_edge(std::size_t self, std::size_t target, Strength strength);
  void yield_soft_edges();
  bool refuse_cycle();
  std::vector<std::size_t> order() const;
  std::vector<std::string> offered_names(Capability capability) const;
  std::vector<std::string> addresses() const;

  std::vector<Resource> resources_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::map<std::pair<Capability, std::string>, std::size_t> offers_;
  std::map<Capability, std::vector<std::size_t>> offering_;
  Edges hard_, soft_, needs_, meaning_;
};

std::vector<std::string> Linker::addresses() const {
  std::vector<std::string> all;
  for (const auto& resource : resources_) all.push_back(resource.address.str());
  return all;
}

void Linker::drop_repeats() {
  std::vector<Resource> kept;
  for (auto& resource : resources_) {
    const auto [found, fresh] = by_address_.emplace(resource.address.str(), kept.size());
    if (fresh) {
      kept.push_back(std::move(resource));
    } else if (!kept[found->second].same_as(resource)) {
      diagnostics_.report({Severity::error,
                           "graph.duplicate-address",
                           "`" + resource.address.str() + "` is declared twice, and not alike",
                           resource.where,
                           {{kept[found->second].where, "first declared here"}},
                           "give one of them another name with `id:`"});
    }
  }
  resources_ = std::move(kept);
}

void Linker::index_offers() {
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    for (const auto& offer : resources_[i].offers) {
      offers_.emplace(std::pair(offer.capability, offer.name), i);
      offering_[offer.capability].push_back(i);
    }
  }
}

std::vector<std::string> Linker::offered_names(Capability capability) const {
  std::vector<std::string> names;
  for (const auto& [key, index] : offers_) {
    if (key.first == capability) names.push_back(key.second);
  }
  return names;
}

/// Both absent: what was needed goes last, so the edge turns round.
void Linker::add_edge(std::size_t self, std::size_t target, Strength strength) {
  if (self == target) return;
  const bool self_absent = resources_[self].state == Presence::absent;
  const bool target_absent = resources_[target].state == Presence::absent;
  if (self_absent && target_absent) std::swap(self, target);
  auto& edges = strength == Strength::hard ? hard_ : soft_;
  edges[self].push_back(target);
}

void Linker::add_explicit(std::size_t self) {
  for (const auto& need : resources_[self].needs) {
    const auto found = by_address_.find(need.address.str());
    if (found == by_address_.end()) {
      const auto near = nearest_word(need.address.str(), addresses());
      diagnostics_.error("graph.unknown-address", "nothing declares `" + need.address.str() + "`", need.where,
                         near ? std::optional("did you mean `" + *near + "`?") : std::nullopt);
    } else {
      add_edge(self, found->second, Strength::hard);
    }
  }
}

void Linker::add_named(std::size_t self, const Want& want) {
  bool matched = false;
  for (const auto& name : want.names) {
    const auto found = offers_.find({want.capability, name});
    if (found == offers_.end()) continue;
    matched = true;
    const auto& target = resources_[found->second];
    for (const auto& offer : target.offers) {
      if (want.take && offer.capability == want.capability && offer.name == name) want.take(offer);
    }
    const bool lost = target.state == Presence::absent && resources_[self].state != Presence::absent;
    if (want.required && lost) {
      diagnostics_.report({Severity::error,
                           "graph.absent-need",
                           "`" + resources_[self].address.str() + "` needs `" + target.address.str() +
                               "`, which is declared absent",
                           want.where,
                           {{target.where, "declared absent here"}},
                           std::nullopt});
    }
    if (want.strength == Strength::hard) meaning_[self].push_back(found->second);
    add_edge(self, found->second, want.strength);
  }
  if (matched || !want.required || want.names.empty()) return;
  const auto known = offered_names(want.capability);
  const auto near = nearest_word(want.names.front(), known);
  diagnostics_.error("graph.unknown-reference",
                     "nothing declares " + noun(want.capability) + " `" + want.names.front() + "`",
                     want.where,
                     near            ? std::optional("did you mean `" + *near + "`?")
                     : known.empty() ? std::nullopt
                                     : std::optional("declared are: " + join(known, ", ")));
}

void Linker::add_above(std::size_t self, const Want& want) {
  for (std::string path = want.names.empty() ? "" : want.names.front(); path.size() > 1;) {
    path = parent_path(path);
    const auto found = offers_.find({Capability::path, path});
    if (found != offers_.end() && found->second != self) return add_edge(self, found->second, want.strength);
  }
}

void Linker::tell_below(const Want& want) {
  const auto prefix = want.names.front() + "/";
  for (auto at = offers_.lower_bound({want.capability, prefix}); at != offers_.end(); ++at) {
    if (at->first.first != want.capability || !at->first.second.starts_with(prefix)) break;
    if (resources_[at->second].state == Presence::absent) want.take({want.capability, at->first.second, {}});
  }
}

void Linker::add_wants(std::size_t self) {
  for (const auto& want : resources_[self].wants) {
    switch (want.match) {
      case Want::Match::named:
        add_named(self, want);
        break;
      case Want::Match::above:
        add_above(self, want);
        break;
      case Want::Match::below:
        tell_below(want);
        break;
      case Want::Match::all:
        for (const auto target : offering_[want.capability]) add_edge(self, target, want.strength);
        break;
      case Want::Match::before:
        for (std::size_t target = 0; target < self; ++target) add_edge(self, target, want.strength);
        break;
    }
  }
}

/// A soft edge yields when the hard ones already lead the other way round.
void Linker::yield_soft_edges() {
  needs_ = hard_;
  std::unordered_map<std::size_t, std::vector<bool>> reached_from;
  const auto reaches = [&](std::size_t from, std::size_t to) {
    auto& seen = reached_from[from];
    if (seen.empty()) {
      seen.assign(resources_.size(), false);
      std::vector<std::size_t> open = {from};
      while (!open.empty()) {
        const auto at = open.back();
        open.pop_back();
        if (seen[at]) continue;
        seen[at] = true;
        open.insert(open.end(), hard_[at].begin(), hard_[at].end());
      }
    }
    return seen[to];
  };
  for (std::size_t self = 0; self < soft_.size(); ++self) {
    for (const auto target : soft_[self]) {
      if (hard_[target].empty() || !reaches(target, self)) needs_[self].push_back(target);
    }
  }
  for (auto* edges : {&needs_, &meaning_}) {
    for (auto& each : *edges) {
      std::sort(each.begin(), each.end());
      each.erase(std::unique(each.begin(), each.end()), each.end());
    }
  }
}

/// Kahn's algorithm with the recipe's order among the free; shorter than the resources when there is a cycle.
std::vector<std::size_t> Linker::order() const {
  using List = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  List followers(resources_.size());
  std::vector<std::size_t> open(resources_.size());
  for (std::size_t self = 0; self < needs_.size(); ++self) {
    open[self] = needs_[self].size();
    for (const auto target : needs_[self]) boost::add_edge(target, self, followers);
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
  for (std::size_t self = 0; self < open.size(); ++self) {
    if (open[self] == 0) free.push(self);
  }
  std::vector<std::size_t> done;
  while (!free.empty()) {
    const auto next = free.top();
    free.pop();
    done.push_back(next);
    for (auto [edge, end] = boost::out_edges(next, followers); edge != end; ++edge) {
      const auto follower = boost::target(*edge, followers);
      if (--open[follower] == 0) free.push(follower);
    }
  }
  return done;
}

/// Walks needs among what no order could place, until a member comes round again: that stretch is a cycle.
bool Linker::refuse_cycle() {
  const auto placed = order();
  if (placed.size() == resources_.size()) return false;
  std::vector<bool> free(resources_.size(), false);
  for (const auto each : placed) free[each] = true;
  const auto stuck = [&](std::size_t each) { return !free[each]; };
  std::size_t at = 0;
  while (free[at]) ++at;
  std::vector<std::size_t> path, seen_at(resources_.size(), resources_.size());
  while (seen_at[at] == resources_.size()) {
    seen_at[at] = path.size();
    path.push_back(at);
    at = *std::find_if(needs_[at].begin(), needs_[at].end(), stuck);
  }
  path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(seen_at[at]));
  std::vector<std::string> names;
  Diagnostic problem{Severity::error, "graph.cycle", {}, resources_[path.front()].where, {}, std::nullopt};
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto& next = resources_[path[(i + 1) % path.size()]];
    names.push_back(resources_[path[i]].address.str());
    problem.labels.push_back({resources_[path[i]].where, names.back() + " needs " + next.address.str()});
  }
  problem.message =
      "these resources need each other in a circle: " + join(names, " -> ") + " -> " + names.front();
  problem.hint = "remove one of the `needs`";
  diagnostics_.report(std::move(problem));
  return true;
}

std::optional<Graph> Linker::run() {
  drop_repeats();
  index_offers();
  for (auto* edges : {&hard_, &soft_, &meaning_}) edges->resize(resources_.size());
  for (std::size_t self = 0; self < resources_.size(); ++self) {
    add_explicit(self);
    add_wants(self);
  }
  yield_soft_edges();
  if (refuse_cycle() || diagnostics_.failed()) return std::nullopt;
  auto placed = order();
  return Graph{std::move(resources_), std::move(needs_), std::move(meaning_), std::move(placed)};
}

}  // namespace

std::optional<Graph> link(std::vector<Resource> resources, Diagnostics& diagnostics) {
  return Linker(std::move(resources), diagnostics).run();
}

}  // namespace mlenv
