#include "plan/graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <map>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"

namespace mlenv {
namespace {

using Edges = std::vector<std::vector<std::size_t>>;
using List = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
/// Who offers what, by name.
using Offers = std::map<std::string, std::size_t>;

/// An edge from each node to those of its list, or from those to it.
List list_of(const Edges& edges, bool turned) {
  List list(edges.size());
  for (std::size_t self = 0; self < edges.size(); ++self) {
    for (const auto target : edges[self])
      turned ? boost::add_edge(target, self, list) : boost::add_edge(self, target, list);
  }
  return list;
}

std::string noun(Capability capability) {
  switch (capability) {
    case Capability::package_source:
      return "the repository";
    case Capability::apt_package:
      return "the apt package";
    case Capability::rpm_package:
      return "the rpm package";
    case Capability::python_env:
      return "the venv";
    case Capability::pip_package:
      return "the Python package";
    case Capability::path:
      return "the path";
    case Capability::service:
      return "the service";
    case Capability::membership:
      return "the membership";
  }
  return "the resource";
}

/// Ascending, and each once.
void tidy(Edges& edges) {
  for (auto& each : edges) {
    std::sort(each.begin(), each.end());
    each.erase(std::unique(each.begin(), each.end()), each.end());
  }
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
  void add_all(std::size_t self, const Want& want);
  void tell_below(const Want& want);
  void add_edge(std::size_t self, std::size_t target, Strength strength);
  void yield_soft_edges();
  bool refuse_cycle();
  std::vector<std::size_t> order() const;
  std::optional<std::string> near_name(const std::string& name, const std::vector<std::string>& known);
  std::vector<std::string> offered_names(Capability capability) const;
  std::vector<std::string> addresses() const;

  std::vector<Resource> resources_;
  Diagnostics& diagnostics_;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::map<Capability, Offers> offers_;
  std::map<Capability, std::vector<std::size_t>> offering_;
  std::size_t suggested_ = 0;
  std::vector<std::string> known_addresses_;  ///< for suggestions
  Edges hard_, soft_, needs_, meaning_, to_build_, to_bring_;
  std::vector<std::size_t> order_;
};

/// Comparing each of thousands of wrong names with thousands of right ones helps nobody.
std::optional<std::string> Linker::near_name(const std::string& name, const std::vector<std::string>& known) {
  constexpr std::size_t most = 20, few = 1000;
  if (known.size() > few && suggested_++ >= most) return std::nullopt;
  return nearest_word(name, known);
}

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
      offers_[offer.capability].emplace(offer.name, i);
      offering_[offer.capability].push_back(i);
    }
  }
}

std::vector<std::string> Linker::offered_names(Capability capability) const {
  std::vector<std::string> names;
  const auto offered = offers_.find(capability);
  if (offered == offers_.end()) return names;
  for (const auto& [name, index] : offered->second) names.push_back(name);
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
      if (known_addresses_.empty()) known_addresses_ = addresses();
      const auto near = near_name(need.address.str(), known_addresses_);
      diagnostics_.error("graph.unknown-address", "nothing declares `" + need.address.str() + "`", need.where,
                         near ? std::optional("did you mean `" + *near + "`?") : std::nullopt);
    } else {
      add_edge(self, found->second, Strength::hard);
    }
  }
}

void Linker::add_named(std::size_t self, const Want& want) {
  bool matched = false;
  const auto& offers = offers_[want.capability];
  for (const auto& name : want.names) {
    const auto found = offers.find(name);
    if (found == offers.end()) continue;
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
    if (want.to_build) to_build_[self].push_back(found->second);
    add_edge(self, found->second, want.strength);
  }
  if (matched || !want.required || want.names.empty()) return;
  const auto known = offered_names(want.capability);
  const auto near = near_name(want.names.front(), known);
  diagnostics_.error("graph.unknown-reference",
                     "nothing declares " + noun(want.capability) + " `" + want.names.front() + "`",
                     want.where,
                     near            ? std::optional("did you mean `" + *near + "`?")
                     : known.empty() ? std::nullopt
                                     : std::optional("declared are: " + join(known, ", ")));
}

void Linker::add_above(std::size_t self, const Want& want) {
  const auto& paths = offers_[Capability::path];
  for (std::string path = want.names.empty() ? "" : want.names.front(); path.size() > 1;) {
    path = parent_path(path);
    const auto found = paths.find(path);
    if (found != paths.end() && found->second != self) return add_edge(self, found->second, want.strength);
  }
}

void Linker::add_all(std::size_t self, const Want& want) {
  for (const auto target : offering_[want.capability]) {
    if (resources_[target].reboots && !want.with_drivers) continue;
    if (want.to_bring) to_bring_[self].push_back(target);
    add_edge(self, target, want.strength);
    for (const auto& offer : resources_[target].offers) {
      if (want.take && offer.capability == want.capability) want.take(offer);
    }
  }
}

void Linker::tell_below(const Want& want) {
  const auto prefix = want.names.front() + "/";
  const auto& offers = offers_[want.capability];
  for (auto at = offers.lower_bound(prefix); at != offers.end() && at->first.starts_with(prefix); ++at) {
    if (resources_[at->second].state == Presence::absent) want.take({want.capability, at->first, {}});
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
        add_all(self, want);
        break;
      case Want::Match::before:
        for (std::size_t target = 0; target < self; ++target) add_edge(self, target, want.strength);
        break;
    }
  }
}

/// For each resource the number of its circle: those that lead to each other have one number.
std::vector<std::size_t> circles_of(const Edges& edges) {
  const auto list = list_of(edges, false);
  std::vector<std::size_t> circle(edges.size());
  if (!edges.empty()) boost::strong_components(list, circle.data());
  return circle;
}

/// A soft edge yields when the hard ones already lead the other way round, which only those of a circle can.
void Linker::yield_soft_edges() {
  for (std::size_t self = 0; self < soft_.size(); ++self) {
    needs_[self] = hard_[self];
    needs_[self].insert(needs_[self].end(), soft_[self].begin(), soft_[self].end());
  }
  tidy(needs_);
  tidy(meaning_);
  order_ = order();
  if (order_.size() == resources_.size()) return;
  const auto circle = circles_of(needs_);
  std::unordered_map<std::size_t, std::unordered_set<std::size_t>> reached_from;
  const auto reaches = [&](std::size_t from, std::size_t to) {
    auto& seen = reached_from[from];
    std::vector<std::size_t> open;
    if (seen.empty()) open.push_back(from);
    while (!open.empty()) {
      const auto at = open.back();
      open.pop_back();
      if (circle[at] == circle[from] && seen.insert(at).second)
        open.insert(open.end(), hard_[at].begin(), hard_[at].end());
    }
    return seen.count(to) != 0;
  };
  for (std::size_t self = 0; self < soft_.size(); ++self) {
    needs_[self] = hard_[self];
    for (const auto target : soft_[self]) {
      if (circle[self] != circle[target] || !reaches(target, self)) needs_[self].push_back(target);
    }
  }
  tidy(needs_);
  order_ = order();
}

/// Kahn's algorithm with the recipe's order among the free; shorter than the resources when there is a cycle.
std::vector<std::size_t> Linker::order() const {
  const auto followers = list_of(needs_, true);
  std::vector<std::size_t> open(resources_.size());
  for (std::size_t self = 0; self < needs_.size(); ++self) open[self] = needs_[self].size();
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
  if (order_.size() == resources_.size()) return false;
  std::vector<bool> free(resources_.size(), false);
  for (const auto each : order_) free[each] = true;
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
  for (auto* edges : {&hard_, &soft_, &needs_, &meaning_, &to_build_, &to_bring_})
    edges->resize(resources_.size());
  for (std::size_t self = 0; self < resources_.size(); ++self) {
    add_explicit(self);
    add_wants(self);
  }
  yield_soft_edges();
  if (refuse_cycle() || diagnostics_.failed()) return std::nullopt;
  for (std::size_t self = 0; self < resources_.size(); ++self) {
    const auto& asked = hard_[self];  // what somebody has asked for is waited for
    for (auto* edges : {&to_build_, &to_bring_}) {
      std::erase_if((*edges)[self], [&](std::size_t target) {
        return std::find(asked.begin(), asked.end(), target) != asked.end();
      });
    }
  }
  return Graph{std::move(resources_), std::move(needs_),    std::move(meaning_),
               std::move(to_build_),  std::move(to_bring_), std::move(order_)};
}

}  // namespace

std::optional<Graph> link(std::vector<Resource> resources, Diagnostics& diagnostics) {
  return Linker(std::move(resources), diagnostics).run();
}

}  // namespace mlenv
