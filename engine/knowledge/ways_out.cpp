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

/// What to change when this aspect alone stands in the way of a candidate.
std::string way_out(Aspect aspect, const Judged& judged, const Question& question) {
  const auto& chosen = judged.candidate.selection;
  switch (aspect) {
    case Aspect::version:
    case Aspect::cuda:
    case Aspect::cudnn:
      return "take " + how_to_take(chosen);
    case Aspect::python:
      return "use Python " + chosen.python + " with " + how_to_take(chosen);
    case Aspect::driver:
      return question.driver && !question.driver->empty() && !chosen.min_driver.empty()
                 ? "install driver " + chosen.min_driver + " or newer"
                 : std::string();
    case Aspect::os:
      return {};
    case Aspect::gpu:
      return {};
  }
  return {};
}

void add(std::vector<std::string>& all, const std::string& text) {
  if (!text.empty() && all.size() < alternatives_at_most &&
      std::find(all.begin(), all.end(), text) == all.end())
    all.push_back(text);
}

/// Builds of the same version for another CUDA come before other versions.
void add_ways_out(Aspect aspect, const Question& question, const std::vector<Judged>& judged,
                  const std::string& version, std::vector<std::string>& all) {
  for (const bool same_version : {true, false}) {
    for (const auto& each : judged) {
      const bool same = each.candidate.selection.version == version;
      if (same == same_version && each.fails_only(aspect)) add(all, way_out(aspect, each, question));
    }
  }
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

}  // namespace

const Judged* nearest_of(const std::vector<Judged>& judged) {
  const auto nearest = std::min_element(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) {
    return a.count(Fits::no) < b.count(Fits::no);
  });
  return nearest == judged.end() ? nullptr : &*nearest;
}

std::vector<Conflict> conflicts_of(const Knowledge& knowledge, const Question& question,
                                   const std::vector<ResolvedGpu>& gpus, const std::vector<Judged>& judged) {
  const Judged* nearest = nearest_of(judged);
  std::vector<Conflict> made;
  if (nearest == nullptr) return made;
  std::vector<std::string> all;
  // A card and an operating system are given; so what can be typed comes first.
  for (const auto aspect : {Aspect::cuda, Aspect::cudnn, Aspect::driver, Aspect::python, Aspect::version})
    add_ways_out(aspect, question, judged, nearest->candidate.selection.version, all);
  add_without_a_card(knowledge, question, gpus, all);
  if (nearest->fit(Aspect::os).fits == Fits::no)
    add_systems(knowledge, nearest->candidate.selection.cuda, all);
  for (std::size_t i = 0; i < aspect_count; ++i) {
    if (nearest->fits[i].fits == Fits::no) made.push_back({codes[i], nearest->fits[i].why, all});
  }
  return made;
}

}  // namespace mlenv
