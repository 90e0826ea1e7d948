#include "knowledge/fit.hpp"

#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/pep_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

Fit yes() { return {}; }
Fit no(std::string why) { return {Fits::no, std::move(why)}; }
Fit cannot_tell(std::string why) { return {Fits::unknown, std::move(why)}; }

// ── version ──

/// The version that one `==` asks for, without its local label.
std::string exact_version(const PepSpecifierSet& asked) {
  if (asked.clauses().size() != 1) return {};
  const auto& clause = asked.clauses().front();
  const bool exact = clause.op == PepComparison::Op::eq || clause.op == PepComparison::Op::arbitrary;
  return exact && !clause.wildcard && clause.version ? clause.version->without_local().str() : "";
}

/// With its label, since one may be asked for (`==1.7.1+cu110`).
bool contains_labelled(const PepSpecifierSet& asked, const Candidate& candidate, const std::string& version) {
  const bool labelled = candidate.selection.framework == "torch";
  const auto parsed = PepVersion::parse(version + (labelled ? "+" + candidate.selection.accelerator : ""));
  return parsed && asked.contains(*parsed);
}

/// `torchvision` of `torchvision==0.8.2+cu110`.
bool comes_with(const Selection& chosen, const std::string& name) {
  return std::any_of(chosen.companions.begin(), chosen.companions.end(),
                     [&](const std::string& each) { return each.substr(0, each.find('=')) == name; });
}

/// A candidate that stands for several releases becomes the one that is asked for.
Fit fit_version(const Question& question, Candidate& candidate) {
  for (const auto& name : question.with) {
    if (!comes_with(candidate.selection, name))
      return no("which " + name + " is released along with " + candidate_name(candidate) +
                " is not in the tables");
  }
  if (question.version.empty()) return yes();
  const auto asked = PepSpecifierSet::parse(question.version);
  if (!asked) return no("`" + question.version + "` is no version");
  auto& chosen = candidate.selection;
  if (contains_labelled(*asked, candidate, chosen.version)) return yes();
  const auto exact = exact_version(*asked);
  if (!exact.empty() && !candidate.versions.empty() && range_contains(candidate.versions, exact)) {
    // `2.16` means a release of that line, of which the table names the newest.
    if (chosen.version.starts_with(exact + ".")) return yes();
    chosen.requirement = replace_all(chosen.requirement, "==" + chosen.version, "==" + exact);
    chosen.version = exact;
    return yes();
  }
  return no("asked is " + chosen.framework + " " + question.version);
}

// ── CUDA, cuDNN, Python ──

Fit fit_cuda(const Question& question, Candidate& candidate) {
  if (!question.cuda) return candidate.experimental ? no("it is an experimental build") : yes();
  auto& chosen = candidate.selection;
  if (*question.cuda == chosen.accelerator) return yes();
  if (candidate.cpu) return no("it is built without CUDA");
  const bool tag = question.cuda->starts_with("cu");
  if (tag) return no(candidate_name(candidate) + " is not built as " + *question.cuda);
  if (!candidate.cuda_range.empty() && range_contains(candidate.cuda_range, *question.cuda)) {
    if (question.cuda->find('.') != std::string::npos) chosen.cuda = *question.cuda;
    return yes();
  }
  if (range_contains(*question.cuda, chosen.cuda)) return yes();
  return no(candidate_name(candidate) + " is not built for CUDA " + *question.cuda);
}

Fit fit_cudnn(const Knowledge& knowledge, const Question& question, const std::vector<ResolvedGpu>& gpus,
              Candidate& candidate) {
  auto& chosen = candidate.selection;
  std::vector<ComputeCapability> cards;
  for (const auto& gpu : gpus) {
    if (const auto card = ComputeCapability::parse(gpu.compute_capability)) cards.push_back(*card);
  }
  if (chosen.framework.empty()) {  // a toolkit: cuDNN is chosen along with it
    const auto& rows = knowledge.table("cudnn");
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      const bool serves = std::all_of(cards.begin(), cards.end(), [&](const auto& card) {
        return range_contains(row->text("capability"), card.str());
      });
      if (!serves || !range_contains(row->text("cuda"), chosen.cuda)) continue;
      if (question.cudnn &&
          !range_contains(">=" + row->text("first") + ",<=" + row->text("last"), *question.cudnn) &&
          !range_contains(*question.cudnn, row->text("first")) &&
          !range_contains(*question.cudnn, row->text("last")))
        continue;
      chosen.cudnn = question.cudnn.value_or(row->text("last"));
      return yes();
    }
    return question.cudnn ? no("there is no cuDNN " + *question.cudnn + " for CUDA " + chosen.cuda) : yes();
  }
  if (!question.cudnn || candidate.cpu) return yes();
  if (chosen.cudnn.empty())
    return cannot_tell("which cuDNN " + candidate_name(candidate) + " has is not known");
  // `8.0.5` asks for a release of the line 8.0.
  return range_contains(*question.cudnn, chosen.cudnn) || range_contains(chosen.cudnn, *question.cudnn)
             ? yes()
             : no(candidate_name(candidate) + " has cuDNN " + chosen.cudnn);
}

Fit fit_python(const Question& question, const Candidate& candidate) {
  if (question.pythons.empty() || candidate.selection.python.empty()) return yes();
  for (const auto& python : question.pythons) {
    if (range_contains(candidate.selection.python, python)) return yes();
  }
  const auto& chosen = candidate.selection;
  return no(chosen.framework + " " + chosen.version + " has no wheel for Python " +
            join(question.pythons, " or ") + ", only for " + chosen.python);
}

// ── cards ──

/// `torch 1.7.1 for CUDA 10.2 has code for sm_37 to sm_75; GeForce RTX 3070 (8.6) runs none of it`.
std::string cannot_run(const Candidate& candidate, const ResolvedGpu& gpu) {
  const auto name = candidate_name(candidate);
  if (candidate.native.empty())
    return name + " is for cards of compute capability " + candidate.capability + ", and " + gpu_name(gpu) +
           " is none";
  const auto written = [](const ComputeCapability& c) {
    return "sm_" + std::to_string(c.major_part) + std::to_string(c.minor_part);
  };
  const auto [low, high] = std::minmax_element(candidate.native.begin(), candidate.native.end());
  return name + " has code for " + written(*low) + " to " + written(*high) + "; " + gpu_name(gpu) +
         " runs none of it";
}

/// How a card runs the code of a candidate.
enum class Runs { native, by_ptx, never, unknown };

Runs runs_on(const Candidate& candidate, const ComputeCapability& card) {
  const auto native = [&](const ComputeCapability& code) { return card.runs_native(code); };
  const auto compiled = [&](const ComputeCapability& code) { return card.runs_ptx(code); };
  if (!candidate.capability.empty())
    return range_contains(candidate.capability, card.str()) ? Runs::native : Runs::never;
  if (std::any_of(candidate.native.begin(), candidate.native.end(), native)) return Runs::native;
  if (!candidate.unverified.empty() && range_contains(candidate.unverified, card.str())) return Runs::unknown;
  if (std::any_of(candidate.ptx.begin(), candidate.ptx.end(), compiled)) return Runs::by_ptx;
  const bool newer = std::all_of(candidate.native.begin(), candidate.native.end(),
                                 [&](const ComputeCapability& code) { return code < card; });
  return candidate.maybe_ptx && newer ? Runs::unknown : Runs::never;
}

Fit fit_gpu(const Question& question, const std::vector<ResolvedGpu>& gpus, Candidate& candidate) {
  if (question.no_gpu)
    return candidate.cpu || candidate.selection.framework.empty() ? yes() : no("there is no GPU");
  if (candidate.cpu) {
    // A build without CUDA is taken only where there is no card, or where it is asked for.
    return question.cuda == "cpu" ? yes() : no("it is built without CUDA");
  }
  Fit worst = yes();
  for (const auto& gpu : gpus) {
    const auto card = ComputeCapability::parse(gpu.compute_capability);
    if (!card) {
      if (worst.fits == Fits::yes)
        worst = cannot_tell("the compute capability of " + gpu_name(gpu) + " is not known");
      continue;
    }
    if (question.arch != "x86_64" && candidate.x86_only_facts && worst.fits == Fits::yes) {
      worst = cannot_tell("what code the wheels for " + question.arch + " hold is not known");
    }
    switch (runs_on(candidate, *card)) {
      case Runs::native:
        break;
      case Runs::by_ptx:
        candidate.selection.min_driver = candidate.ptx_driver;
        break;
      case Runs::unknown:
        if (worst.fits == Fits::yes)
          worst = cannot_tell("nobody has said whether " + candidate_name(candidate) + " runs on " +
                              gpu_name(gpu));
        break;
      case Runs::never:
        if (worst.fits != Fits::no) worst = no(cannot_run(candidate, gpu));
        break;
    }
  }
  return worst;
}

// ── driver, operating system ──

std::string branch_of(const std::string& driver) { return driver.substr(0, driver.find('.')); }

/// The cards' own limits on the driver that is there.
Fit fit_driver_to_cards(const std::string& driver, const std::vector<ResolvedGpu>& gpus) {
  const auto any = [&](const char* modules) {
    return std::any_of(gpus.begin(), gpus.end(),
                       [&](const ResolvedGpu& gpu) { return gpu.open_modules == modules; });
  };
  if (any("required") && any("impossible"))
    return no("no kernel module of driver " + driver + " serves all the cards");
  for (const auto& gpu : gpus) {
    if (!gpu.first_driver.empty() && !driver_reaches(driver, gpu.first_driver))
      return no("driver " + driver + " is older than " + gpu_name(gpu) + ", which needs " + gpu.first_driver);
    if (!gpu.last_branch.empty() && !driver_reaches(gpu.last_branch, branch_of(driver)))
      return no("driver " + driver + " does not drive " + gpu_name(gpu) + ": branch " + gpu.last_branch +
                " was the last one");
  }
  return yes();
}

Fit fit_driver(const Knowledge& knowledge, const Question& question, const std::vector<ResolvedGpu>& gpus,
               const Candidate& candidate) {
  if (candidate.cpu || question.no_gpu) return yes();
  const auto& least = candidate.selection.min_driver;
  if (question.driver && !question.driver->empty()) {
    auto own = fit_driver_to_cards(*question.driver, gpus);
    if (own.fits != Fits::yes) return own;
    if (least.empty())
      return cannot_tell("which driver CUDA " + candidate.selection.cuda + " needs is not known");
    return driver_reaches(*question.driver, least)
               ? yes()
               : no("driver " + *question.driver + " is older than " + least + ", which " +
                    candidate_name(candidate) + " needs");
  }
  if (!choose_driver(knowledge, gpus, least).branch.empty()) return yes();
  return no("no driver from " + least + " on serves all the cards");
}

Fit fit_os(const Knowledge& knowledge, const Question& question, Candidate& candidate) {
  if (question.os.empty()) return yes();
  for (const auto& repository : knowledge.cuda_repositories()) {
    if (repository.os == question.os) {
      candidate.selection.repository = repository.directory;
      if (!candidate.selection.system_toolkit) return yes();
      if (repository.toolkits.empty())
        return cannot_tell("which toolkits NVIDIA's repository " + repository.directory +
                           " holds is not known");
      return range_contains(repository.toolkits, candidate.selection.cuda)
                 ? yes()
                 : no("NVIDIA's repository " + repository.directory + " holds CUDA " + repository.toolkits +
                      ", not " + candidate.selection.cuda);
    }
  }
  if (!candidate.selection.system_toolkit) return yes();
  return cannot_tell("NVIDIA's repository for " + question.os + " is not in the table");
}

bool serves_all(const Row& branch, const std::vector<ResolvedGpu>& gpus) {
  return std::all_of(gpus.begin(), gpus.end(), [&](const ResolvedGpu& gpu) {
    const auto& number = branch.text("branch");
    const bool new_enough = gpu.first_driver.empty() || driver_reaches(number, branch_of(gpu.first_driver));
    const bool not_too_new = gpu.last_branch.empty() || driver_reaches(gpu.last_branch, number);
    return new_enough && not_too_new;
  });
}

}  // namespace

std::vector<ResolvedGpu> resolve_gpus(const Knowledge& knowledge, const Question& question) {
  std::vector<ResolvedGpu> made;
  for (const auto& asked : question.gpus) {
    ResolvedGpu gpu;
    gpu.pci_id = asked.pci_id;
    gpu.name = asked.name;
    if (const auto model = asked.pci_id.empty() ? std::nullopt : knowledge.gpu(asked.pci_id)) {
      gpu = {asked.pci_id,        asked.name.empty() ? model->name : asked.name,
             model->architecture, model->compute_capability,
             model->first_driver, model->last_branch,
             model->open_modules, "gpus.yaml, gpu_chips.yaml: " + model->chip};
    }
    if (!asked.compute_capability.empty()) gpu.compute_capability = asked.compute_capability;
    if (gpu.architecture.empty() && !gpu.compute_capability.empty()) {
      if (const Row* chip = knowledge.find("gpu_chips", "compute_capability", gpu.compute_capability)) {
        gpu.architecture = chip->text("architecture");
        gpu.first_driver = chip->text("first_driver");
        gpu.last_branch = chip->text("last_branch");
        gpu.open_modules = chip->text("open_modules");
        gpu.source = "gpu_chips.yaml";
      }
    }
    made.push_back(std::move(gpu));
  }
  return made;
}

bool driver_reaches(const std::string& driver, const std::string& least) {
  const auto have = DottedVersion::parse(driver);
  const auto need = DottedVersion::parse(driver.find('.') == std::string::npos ? branch_of(least) : least);
  return have && need && *have >= *need;
}

DriverChoice choose_driver(const Knowledge& knowledge, const std::vector<ResolvedGpu>& gpus,
                           const std::string& min_driver) {
  const auto any = [&](const char* modules) {
    return std::any_of(gpus.begin(), gpus.end(),
                       [&](const auto& gpu) { return gpu.open_modules == modules; });
  };
  const bool known =
      std::none_of(gpus.begin(), gpus.end(), [](const auto& gpu) { return gpu.open_modules.empty(); });
  if (any("required") && any("impossible")) return {"", "", known};  // no module drives both
  const auto& branches = knowledge.table("driver_branches");
  for (auto row = branches.rbegin(); row != branches.rend(); ++row) {
    const auto& branch = row->text("branch");
    if (!min_driver.empty() && !driver_reaches(branch, min_driver)) break;
    if (!serves_all(*row, gpus)) continue;
    const bool open =
        any("required") || (!any("impossible") && known && row->text("open_modules") == "default");
    return {branch, open ? "open" : "proprietary", known};
  }
  return {"", "", known};
}

std::size_t Judged::count(Fits how) const {
  return static_cast<std::size_t>(
      std::count_if(fits.begin(), fits.end(), [&](const Fit& each) { return each.fits == how; }));
}

bool Judged::fails_only(Aspect aspect) const {
  return fit(aspect).fits == Fits::no && count(Fits::yes) == aspect_count - 1;
}

Judged judge(const Knowledge& knowledge, const Question& question, const std::vector<ResolvedGpu>& gpus,
             Candidate candidate) {
  Judged made{std::move(candidate), {}};
  auto& one = made.candidate;
  const auto set = [&](Aspect aspect, Fit fit) {
    made.fits[static_cast<std::size_t>(aspect)] = std::move(fit);
  };
  set(Aspect::version, fit_version(question, one));
  set(Aspect::cuda, fit_cuda(question, one));
  set(Aspect::cudnn, fit_cudnn(knowledge, question, gpus, one));
  set(Aspect::python, fit_python(question, one));
  set(Aspect::gpu, fit_gpu(question, gpus, one));
  set(Aspect::driver, fit_driver(knowledge, question, gpus, one));
  set(Aspect::os, fit_os(knowledge, question, one));
  return made;
}

std::string candidate_name(const Candidate& candidate) {
  const auto& chosen = candidate.selection;
  if (chosen.framework.empty()) return "CUDA " + chosen.cuda;
  const auto name = chosen.framework + " " + chosen.version;
  if (candidate.cpu) return name + " for the CPU";
  return candidate.cuda_range.empty()
             ? name + " for CUDA " + chosen.cuda
             : chosen.requirement.substr(0, chosen.requirement.find("==")) + " " + chosen.version;
}

std::string gpu_name(const ResolvedGpu& gpu) {
  const auto name = !gpu.name.empty()     ? gpu.name
                    : !gpu.pci_id.empty() ? "the card " + gpu.pci_id
                                          : std::string("a card");
  return gpu.compute_capability.empty() ? name : name + " (" + gpu.compute_capability + ")";
}

}  // namespace mlenv
