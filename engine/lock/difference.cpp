#include "lock/difference.hpp"

#include <map>
#include <set>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// Everything of a class, in the order in which it is shown: by part and name, what it says.
using Entries = std::vector<std::pair<std::pair<std::string, std::string>, std::string>>;

std::string wheel_text(const Wheel& wheel) {
  constexpr std::size_t shown = 12;
  return wheel.version + " (sha256 " + wheel.sha256.substr(0, shown) + ")";
}

Entries entries_of(const LockedClass& locked) {
  Entries all;
  if (!locked.driver.empty()) all.push_back({{"driver", "branch"}, locked.driver});
  for (const auto& choice : locked.choices) {
    for (const auto& [field, value] : choice.settled)
      all.push_back({{"choice", choice.address + (field.empty() ? "" : "." + field)}, value});
  }
  for (const auto& key : locked.keys) all.push_back({{"key", key.address}, join(key.fingerprints, " ")});
  for (const auto& deb : locked.debs)
    all.push_back({{"apt", deb.name}, deb.version.empty() ? "provided by another" : deb.version});
  for (const auto& environment : locked.environments) {
    const auto part = environment.name == "user" ? environment.name : "venv " + environment.name;
    all.push_back({{part, "python"}, environment.python});
    for (const auto& each : environment.wheels)
      all.push_back({{part, each.wheel.name}, wheel_text(each.wheel)});
  }
  return all;
}

/// A digest is worth showing only where the version alone does not tell.
void shorten(LockMove& move) {
  const auto bare = [](const std::string& text) { return text.substr(0, text.find(" (sha256 ")); };
  if (bare(move.before) == bare(move.after)) return;
  move.before = bare(move.before);
  move.after = bare(move.after);
}

void add_moves(const std::string& host, const LockedClass& before, const LockedClass& after,
               std::vector<LockMove>& moves) {
  const auto old = entries_of(before), fresh = entries_of(after);
  const std::map<std::pair<std::string, std::string>, std::string> was(old.begin(), old.end());
  std::set<std::pair<std::string, std::string>> seen;
  const auto add = [&](const auto& place, const std::string& from, const std::string& to) {
    moves.push_back({host, place.first, place.second, from, to});
    shorten(moves.back());
  };
  for (const auto& [place, value] : fresh) {
    seen.insert(place);
    const auto found = was.find(place);
    const auto from = found == was.end() ? std::string() : found->second;
    if (from != value) add(place, from, value);
  }
  for (const auto& [place, value] : old) {
    if (seen.count(place) == 0) add(place, value, {});
  }
}

}  // namespace

std::vector<LockMove> lock_moves(const Lock& before, const Lock& after) {
  std::vector<LockMove> moves;
  for (const auto& each : after.classes) {
    const auto* was = before.find(each.host);
    add_moves(each.host.str(), was == nullptr ? LockedClass{each.host} : *was, each, moves);
  }
  for (const auto& each : before.classes) {
    if (after.find(each.host) == nullptr) add_moves(each.host.str(), each, LockedClass{each.host}, moves);
  }
  return moves;
}

}  // namespace mlenv
