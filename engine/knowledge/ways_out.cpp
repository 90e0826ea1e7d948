#include "knowledge/ways_out.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t alternatives_at_most = 4;

constexpr std::array<const char*, aspect_count> codes = {"resolve.version", "resolve.cuda", "resolve.cudnn",
                                                         "resolve.python",  "resolve.gpu",  "resolve.driver",
                                                         "resolve.os"};

std::string how_to_take(const Selection& chosen) {
  return chosen.framework.empty() ? "CUDA " + chosen.cuda : "`" + chosen.requirement + "`";
}

void add(std::vector<std::string>& all, const std::string& text) {
  if (!text.empty() && all.size() < alternatives_at_most &&
      std::find(all.begin(), all.end(), text) == all.end())
    all.push_back(text);
}

/// The newest Python of a range with an upper end, the oldest of one without.
std::string python_of(const std::string& range) {
  constexpr int oldest = 5;
  constexpr int newest = 30;
  const auto name = [](int minor) { return "3." + std::to_string(minor); };
  const bool bounded = range.find('<') != std::string::npos;
  for (int i = 0; i <= newest - oldest; ++i) {
    auto python = name(bounded ? newest - i : oldest + i);
    if (range_contains(range, python)) return python;
  }
  return {};
}

/// The same release, or any, for another CUDA or cuDNN: of each the best one.
void add_other_builds(Aspect aspect, const std::vector<Judged>& judged, const Judged& nearest,
                      std::vector<std::string>& all) {
  std::vector<std::string> seen;
  for (const bool same_version : {true, false}) {
    for (const auto& each : judged) {
      const auto& chosen = each.candidate.selection;
      if ((chosen.version == nearest.candidate.selection.version) != same_version) continue;
      const auto build = chosen.framework.empty() ? chosen.cuda : chosen.accelerator;
      if (each.candidate.experimental) continue;
      if (!each.fails_only(aspect) || std::find(seen.begin(), seen.end(), build) != seen.end()) continue;
      seen.push_back(build);
      add(all, "take " + how_to_take(chosen));
    }
  }
}

/// The driver that would do; empty where none is installed that stands in the way, or none would do.
std::string driver_to_install(const Knowledge& knowledge, const Question& question,
                              const std::vector<ResolvedGpu>& gpus, const Selection& chosen) {
  if (!question.driver || question.driver->empty()) return {};
  const auto branch = choose_driver(knowledge, gpus, chosen.min_driver).branch;
  if (branch.empty()) return {};
  const bool too_new = driver_reaches(*question.driver, chosen.min_driver);
  return too_new ? "install driver branch " + branch : "install driver " + chosen.min_driver + " or newer";
}

/// What to install on the machine for the release that is asked for.
void add_for_same_release(const Knowledge& knowledge, const Question& question,
                          const std::vector<ResolvedGpu>& gpus, const std::vector<Judged>& judged,
                          const Judged& nearest, std::vector<std::string>& all) {
  bool python_said = false;
  for (const auto& each : judged) {
    const auto& chosen = each.candidate.selection;
    if (chosen.version != nearest.candidate.selection.version) continue;
    if (each.fails_only(Aspect::driver)) add(all, driver_to_install(knowledge, question, gpus, chosen));
    if (!each.fails_only(Aspect::python) || python_said) continue;
    python_said = true;
    const auto python = python_of(chosen.python);
    add(all,
        "install Python " + python + " (it is for " + chosen.python + ") and take " + how_to_take(chosen));
  }
}

/// The releases on both sides of the one that is asked for, and the newest.
void add_other_releases(const std::vector<Judged>& judged, std::vector<std::string>& all) {
  const auto fits_version = [](const Judged& each) { return each.fit(Aspect::version).fits == Fits::yes; };
  const auto asked = std::find_if(judged.begin(), judged.end(), fits_version);
  const auto could = [](const Judged& each) { return each.fails_only(Aspect::version); };
  const auto newer = std::find_if(std::make_reverse_iterator(asked), judged.rend(), could);
  if (newer != judged.rend()) {
    const auto& version = newer->candidate.selection.version;
    // Of that release the best build comes first.
    const auto best = std::find_if(judged.begin(), judged.end(), [&](const Judged& each) {
      return could(each) && each.candidate.selection.version == version;
    });
    add(all, "take " + how_to_take(best->candidate.selection));
  }
  const auto older = std::find_if(asked, judged.end(), could);
  if (older != judged.end()) add(all, "take " + how_to_take(older->candidate.selection));
  const auto newest = std::find_if(judged.begin(), judged.end(), could);
  if (newest != judged.end()) add(all, "take " + how_to_take(newest->candidate.selection));
}

/// The last resorts where no build has code for a card.
void add_without_the_cards(const Knowledge& knowledge, const Question& question, const Judged& nearest,
                           std::vector<std::string>& all) {
  auto without = question;
  without.gpus.clear();
  without.no_gpu = true;
  without.cuda.reset();
  for (auto& candidate : candidates_of(knowledge, question.framework)) {
    if (!candidate.cpu) continue;
    const auto judged = judge(knowledge, without, {}, std::move(candidate));
    if (judged.count(Fits::yes) != aspect_count) continue;
    add(all, "take the build for the CPU, " + how_to_take(judged.candidate.selection));
    break;
  }
  const auto& served = nearest.candidate.capability;
  if (!served.empty()) add(all, "use a card of compute capability " + served);
}

/// Operating systems whose repository holds the toolkit.
void add_systems(const Knowledge& knowledge, const std::string& cuda, std::vector<std::string>& all) {
  for (const auto& repository : knowledge.cuda_repositories()) {
    if (!repository.toolkits.empty() && range_contains(repository.toolkits, cuda))
      add(all, "use " + repository.os + ", whose repository holds CUDA " + cuda);
  }
}

/// For mixed rigs: what would fit if one card were left out.
void add_without_a_card(const Knowledge& knowledge, const Question& question,
                        const std::vector<ResolvedGpu>& gpus, std::vector<std::string>& all) {
  if (question.gpus.size() < 2) return;
  for (std::size_t left_out = 0; left_out < question.gpus.size(); ++left_out) {
    auto fewer = question;
    fewer.gpus.erase(fewer.gpus.begin() + static_cast<std::ptrdiff_t>(left_out));
    const auto cards = resolve_gpus(knowledge, fewer);
    for (auto& candidate : candidates_of(knowledge, question.framework)) {
      const auto judged = judge(knowledge, fewer, cards, std::move(candidate));
      if (judged.count(Fits::yes) != aspect_count) continue;
      add(all,
          "leave out " + gpu_name(gpus[left_out]) + " and take " + how_to_take(judged.candidate.selection));
      break;
    }
  }
}

/// How far a candidate is from what was asked: what a person can change weighs less than what was asked for
/// by name.
int distance(const Question& question, const Judged& judged) {
  constexpr std::array<int, aspect_count> weights = {1000, 30, 20, 10, 12, 10, 10};
  constexpr int other_sort = 500;  // a build without CUDA for a machine with a card
  int sum = judged.candidate.cpu && !question.no_gpu && question.cuda != "cpu" ? other_sort : 0;
  for (std::size_t i = 0; i < aspect_count; ++i) {
    if (judged.fits[i].fits == Fits::no) sum += weights[i];
    if (judged.fits[i].fits == Fits::unknown) ++sum;
  }
  return sum;
}

}  // namespace

const Judged* nearest_of(const Question& question, const std::vector<Judged>& judged) {
  const auto nearest = std::min_element(judged.begin(), judged.end(), [&](const Judged& a, const Judged& b) {
    return distance(question, a) < distance(question, b);
  });
  return nearest == judged.end() ? nullptr : &*nearest;
}

std::vector<std::string> ways_out(const Knowledge& knowledge, const Question& question,
                                  const std::vector<ResolvedGpu>& gpus, const std::vector<Judged>& judged) {
  std::vector<std::string> all;
  const Judged* nearest = nearest_of(question, judged);
  if (nearest == nullptr) return all;
  add_other_builds(Aspect::cuda, judged, *nearest, all);
  add_other_builds(Aspect::cudnn, judged, *nearest, all);
  add_for_same_release(knowledge, question, gpus, judged, *nearest, all);
  add_other_releases(judged, all);
  add_without_a_card(knowledge, question, gpus, all);
  if (nearest->fit(Aspect::os).fits == Fits::no)
    add_systems(knowledge, nearest->candidate.selection.cuda, all);
  if (all.empty() && nearest->fit(Aspect::gpu).fits == Fits::no)
    add_without_the_cards(knowledge, question, *nearest, all);
  return all;
}

std::vector<Conflict> conflicts_of(const Knowledge& knowledge, const Question& question,
                                   const std::vector<ResolvedGpu>& gpus, const std::vector<Judged>& judged) {
  std::vector<Conflict> made;
  const Judged* nearest = nearest_of(question, judged);
  if (nearest == nullptr) return made;
  const auto all = ways_out(knowledge, question, gpus, judged);
  for (std::size_t i = 0; i < aspect_count; ++i) {
    if (nearest->fits[i].fits == Fits::no) made.push_back({codes[i], nearest->fits[i].why, all});
  }
  return made;
}

}  // namespace mlenv
