#include "compare/comparison.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace mlenv {
namespace {

/// What decides first comes first, whichever host has it.
std::size_t rank(const std::string& section) {
  constexpr std::array<std::string_view, 11> order = {"driver",      "cards",     "cuda",        "system",
                                                      "python",      "variables", "kernels",     "files",
                                                      "apt sources", "apt pins",  "apt packages"};
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), section) - order.begin());
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The traits of both by section and name: the left's order, then what only the right has, section by
/// section.
class Merge {
 public:
  void add(const std::vector<Trait>& traits, bool left) {
    for (const auto& trait : traits) {
      const auto [place, fresh] = known_.emplace(std::pair(trait.section, trait.name), all_.size());
      if (fresh) all_.push_back({trait.section, trait.name, Absent{}, Absent{}, trait.gpu});
      (left ? all_[place->second].left : all_[place->second].right) = trait.value;
      if (std::find(sections_.begin(), sections_.end(), trait.section) == sections_.end())
        sections_.push_back(trait.section);
    }
  }

  void report(Comparison& comparison) {
    std::stable_sort(sections_.begin(), sections_.end(),
                     [](const auto& one, const auto& other) { return rank(one) < rank(other); });
    for (const auto& section : sections_) {
      for (const bool gpu : {true, false}) {
        for (auto& each : all_) {
          if (each.section == section && each.gpu == gpu) judge(std::move(each), comparison);
        }
      }
    }
  }

 private:
  static void judge(Contrast contrast, Comparison& comparison) {
    const auto unknown = [](const Fact<std::string>& fact) { return std::holds_alternative<Unknown>(fact); };
    if (unknown(contrast.left) && unknown(contrast.right)) return;
    if (unknown(contrast.left) || unknown(contrast.right)) {
      comparison.untold.push_back(std::move(contrast));
    } else if (contrast.left == contrast.right) {
      ++comparison.equal;
    } else {
      comparison.different.push_back(std::move(contrast));
    }
  }

  std::vector<Contrast> all_;
  std::map<std::pair<std::string, std::string>, std::size_t> known_;
  std::vector<std::string> sections_;
};

/// Venvs that stand for each other: of one path, else of one name, else the only one that is left on both
/// sides.
class VenvPairs {
 public:
  VenvPairs(const Portrait& left, const Portrait& right) {
    for (const auto& each : left.venvs) left_.push_back(&each);
    for (const auto& each : right.venvs) right_.push_back(&each);
    pair([](const std::string& a, const std::string& b) { return a == b; });
    pair([](const std::string& a, const std::string& b) { return last_part(a) == last_part(b); });
    if (left_.size() == 1 && right_.size() == 1)
      pair([](const std::string&, const std::string&) { return true; });
  }

  void report(Comparison& comparison) const {
    for (const auto& [left, right] : pairs_) compare_pair(*left, *right, comparison);
    for (const auto* each : left_) alone(*each, true, comparison);
    for (const auto* each : right_) alone(*each, false, comparison);
  }

 private:
  using Venvs = std::vector<const VenvPortrait*>;

  template <class Fits>
  void pair(Fits fits) {
    for (auto left = left_.begin(); left != left_.end();) {
      const auto right = std::find_if(right_.begin(), right_.end(), [&](const VenvPortrait* each) {
        return fits((*left)->path, each->path);
      });
      if (right == right_.end()) {
        ++left;
        continue;
      }
      pairs_.emplace_back(*left, *right);
      right_.erase(right);
      left = left_.erase(left);
    }
  }

  static void compare_pair(const VenvPortrait& left, const VenvPortrait& right, Comparison& comparison) {
    auto other = right.traits;
    const auto section =
        left.path == right.path ? "venv " + left.path : "venv " + left.path + " and " + right.path;
    auto own = left.traits;
    for (auto* traits : {&own, &other}) {
      for (auto& trait : *traits) trait.section = section;
    }
    Merge merge;
    merge.add(own, true);
    merge.add(other, false);
    merge.report(comparison);
  }

  static void alone(const VenvPortrait& venv, bool left, Comparison& comparison) {
    const Fact<std::string> there = std::string("there"), not_there = Absent{};
    comparison.different.push_back(
        {"venvs", venv.path, left ? there : not_there, left ? not_there : there, true});
  }

  Venvs left_, right_;
  std::vector<std::pair<const VenvPortrait*, const VenvPortrait*>> pairs_;
};

void compare_traits(const std::vector<Trait>& left, const std::vector<Trait>& right, Comparison& comparison) {
  Merge merge;
  merge.add(left, true);
  merge.add(right, false);
  merge.report(comparison);
}

}  // namespace

Comparison compare(const Portrait& left, const Portrait& right) {
  Comparison comparison;
  compare_traits(left.traits, right.traits, comparison);
  VenvPairs(left, right).report(comparison);
  compare_traits(left.packages, right.packages, comparison);
  return comparison;
}

}  // namespace mlenv
