#include "knowledge/resolve.hpp"

#include <algorithm>

#include "base/pep_version.hpp"
#include "base/text.hpp"
#include "knowledge/ways_out.hpp"

namespace mlenv {
namespace {

const char* how_to_extend = "a lab's own rows, in a folder given with --knowledge, extend the tables";

std::vector<Judged> judge_all(const Knowledge& knowledge, const Question& question,
                              const std::vector<ResolvedGpu>& gpus) {
  std::vector<Judged> judged;
  for (auto& candidate : candidates_of(knowledge, question.framework))
    judged.push_back(judge(knowledge, question, gpus, std::move(candidate)));
  return judged;
}

void add_gpu_facts(const std::vector<ResolvedGpu>& gpus, std::vector<Because>& because) {
  for (const auto& gpu : gpus) {
    if (gpu.compute_capability.empty()) continue;
    const auto what = gpu.name.empty()     ? std::string("the card")
                      : gpu.pci_id.empty() ? gpu.name
                                           : gpu.pci_id + " is " + gpu.name + ", which";
    const Because fact{what + " has compute capability " + gpu.compute_capability +
                           (gpu.architecture.empty() ? "" : " (" + gpu.architecture + ")"),
                       gpu.source.empty() ? "as given" : gpu.source};
    if (std::find(because.begin(), because.end(), fact) == because.end()) because.push_back(fact);
  }
}

std::string list_of(const std::vector<ComputeCapability>& codes) {
  std::vector<std::string> texts;
  for (const auto& code : codes) texts.push_back(code.str());
  return join(texts, " ");
}

/// What the choice rests on.
void add_choice_facts(const Knowledge& knowledge, const Judged& judged, std::vector<Because>& because) {
  const auto& candidate = judged.candidate;
  const auto& chosen = candidate.selection;
  const auto name = candidate_name(candidate);
  because.push_back(
      {name + (chosen.python.empty() ? " is a released toolkit" : " is for Python " + chosen.python),
       candidate.source});
  if (!candidate.native.empty())
    because.push_back({name + " has native code for " + list_of(candidate.native) +
                           (candidate.ptx.empty() ? "" : " and PTX of " + list_of(candidate.ptx)),
                       candidate.source});
  if (!candidate.capability.empty())
    because.push_back({name + " serves cards " + candidate.capability, candidate.source});
  if (chosen.min_driver.empty()) return;
  const Row* release = knowledge.find("cuda_releases", "toolkit", chosen.cuda);
  because.push_back({(chosen.cuda.empty() ? name : "CUDA " + chosen.cuda) + " needs driver " +
                         chosen.min_driver + " or newer",
                     release == nullptr ? candidate.source : release->source()});
}

void add_driver(const Knowledge& knowledge, const Question& question, const std::vector<ResolvedGpu>& gpus,
                Resolution& made) {
  auto& chosen = *made.selection;
  if (chosen.accelerator == "cpu" || question.no_gpu) return;
  const auto driver = choose_driver(knowledge, gpus, chosen.min_driver);
  if (!driver.known && !gpus.empty()) return;
  chosen.driver_branch = driver.branch;
  chosen.driver_flavour = driver.flavour;
  const Row* branch = knowledge.find("driver_branches", "branch", driver.branch);
  const bool given = question.driver && !question.driver->empty();
  if (branch != nullptr && !gpus.empty() && !given) {
    made.because.push_back({"driver branch " + driver.branch + " is the newest that serves " +
                                (gpus.size() > 1 ? "all the cards" : "the card") + ", with " +
                                driver.flavour + " kernel modules",
                            branch->source()});
  }
}

/// The version asked for, when the tables hold no release that it could mean.
std::optional<Conflict> beyond_tables(const Question& question, const std::vector<Judged>& judged) {
  const bool any = std::any_of(judged.begin(), judged.end(), [](const Judged& each) {
    return each.fit(Aspect::version).fits == Fits::yes;
  });
  if (any || judged.empty()) return std::nullopt;
  if (question.version.empty() || !question.with.empty()) {
    // A release that is there, without what was asked for along with it.
    return Conflict{"resolve.companion", judged.front().fit(Aspect::version).why, {how_to_extend}};
  }
  return Conflict{"resolve.beyond-tables",
                  question.framework + " " + question.version + " is in no row; the newest row is " +
                      judged.front().candidate.selection.version + ", the oldest " +
                      judged.back().candidate.selection.version,
                  {how_to_extend}};
}

/// Likewise a CUDA version: `12.7` was never released, 14.0 may be one day.
std::optional<Conflict> unknown_cuda(const Knowledge& knowledge, const Question& question) {
  if (!question.cuda || question.cuda->starts_with("cu") || question.cuda == "cpu") return std::nullopt;
  const auto& rows = knowledge.table("cuda_toolkits");
  const bool any = std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
    return range_contains(*question.cuda, row.text("toolkit")) || *question.cuda == row.text("toolkit");
  });
  if (any) return std::nullopt;
  return Conflict{
      "resolve.beyond-tables",
      "CUDA " + *question.cuda + " is in no row; the newest row is " + rows.back().text("toolkit"),
      {how_to_extend}};
}

void explain_unknown(const Judged& nearest, std::vector<std::string> ways, Resolution& made) {
  ways.emplace_back(how_to_extend);
  for (const auto& fit : nearest.fits) {
    if (fit.fits == Fits::unknown) made.conflicts.push_back({"resolve.unknown", fit.why, ways});
  }
}

}  // namespace

Resolution resolve(const Knowledge& knowledge, const Question& question) {
  Resolution made;
  made.gpus = resolve_gpus(knowledge, question);
  add_gpu_facts(made.gpus, made.because);
  const auto judged = judge_all(knowledge, question, made.gpus);
  for (const auto& beyond : {beyond_tables(question, judged), unknown_cuda(knowledge, question)}) {
    if (!beyond) continue;
    made.conflicts.push_back(*beyond);
    return made;
  }
  const auto fitting = std::find_if(judged.begin(), judged.end(),
                                    [](const Judged& each) { return each.count(Fits::yes) == aspect_count; });
  if (fitting != judged.end()) {
    made.verdict = Verdict::ok;
    made.selection = fitting->candidate.selection;
    add_choice_facts(knowledge, *fitting, made.because);
    add_driver(knowledge, question, made.gpus, made);
    return made;
  }
  const Judged* nearest = nearest_of(question, judged);
  if (nearest == nullptr) return made;
  if (nearest->count(Fits::no) == 0) {
    explain_unknown(*nearest, ways_out(knowledge, question, made.gpus, judged), made);
    return made;
  }
  made.verdict = Verdict::conflict;
  made.conflicts = conflicts_of(knowledge, question, made.gpus, judged);
  add_choice_facts(knowledge, *nearest, made.because);
  return made;
}

}  // namespace mlenv
