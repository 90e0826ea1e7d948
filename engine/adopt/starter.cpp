#include "adopt/starter.hpp"

#include <array>

#include "base/text.hpp"
#include "kinds/host_question.hpp"
#include "knowledge/candidate.hpp"
#include "knowledge/resolve.hpp"
#include "resource/python_site.hpp"

namespace mlenv {
namespace {

/// A program that shows that a framework works, on the card where there is one.
struct Trial {
  std::string_view framework;
  std::string_view with_card;
  std::string_view without;
};
constexpr std::array<Trial, 7> trials = {{
    {"torch",
     "import torch\nassert torch.cuda.is_available(), \"torch sees no card\"\n"
     "print(torch.ones(64, 64, device=\"cuda\").sum().item(), torch.cuda.get_device_name(0))\n",
     "import torch\nprint(torch.ones(64, 64).sum().item())\n"},
    {"tensorflow",
     "import tensorflow\nassert tensorflow.config.list_physical_devices(\"GPU\"), \"tensorflow sees no "
     "card\"\n",
     "import tensorflow\nprint(tensorflow.reduce_sum(tensorflow.random.normal([64, 64])))\n"},
    {"jax", "import jax\nassert jax.default_backend() == \"gpu\", \"jax sees no card\"\n",
     "import jax\nprint(jax.numpy.ones((64, 64)).sum())\n"},
    {"cupy", "import cupy\nprint(cupy.ones((64, 64)).sum())\n", "import cupy\n"},
    {"cudf", "import cudf\nprint(cudf.Series([1, 2]).sum())\n", "import cudf\n"},
    {"cuml", "import cuml\nprint(cuml.__version__)\n", "import cuml\n"},
    {"dali", "import nvidia.dali\n", "import nvidia.dali\n"},
}};

std::string card_text(const Gpu& gpu) {
  return gpu.name.value_or("a card of NVIDIA's") + " (" + gpu.pci_id +
         (gpu.compute_capability ? ", compute capability " + *gpu.compute_capability : "") + ")";
}

class Starter {
 public:
  Starter(const AdoptedHost& host, const std::string& framework)
      : host_(host), facts_(host.facts), framework_(canonical_framework(host.knowledge, framework)) {
    auto question = host_question(facts_, host_.knowledge);
    question.framework = framework_;
    if (framework_ == "torch") question.with = {"torchvision"};
    answer_ = resolve(host_.knowledge, question);
    const auto* virt = known(facts_.virt);
    in_place_ = virt == nullptr || (*virt != "container" && *virt != "wsl2");
    apt_ = exists(host_.host, "/var/lib/dpkg/status");
  }

  Draft made() {
    Draft draft;
    draft.name = framework_;
    draft.description = framework_ + (has_gpu(facts_) ? " on the card of " : " on ") +
                        (facts_.hostname.empty() ? "this machine" : facts_.hostname);
    draft.heading = heading();
    if (const auto* os = known(facts_.os); os != nullptr && !os->id.empty())
      draft.requirements = {{"os", os->id + (os->version_id.empty() ? "" : " " + os->version_id)}};
    draft.variables = {{"ml_path", "~/ml"}};
    if (has_gpu(facts_) && in_place_ && apt_) draft.sections.push_back(driver());
    draft.sections.push_back(workspace());
    draft.sections.push_back(packages());
    draft.sections.push_back(check());
    return draft;
  }

 private:
  std::vector<std::string> heading() const {
    std::vector<std::string> lines = {"Written by `mlenvctl init` for this machine, as probed:"};
    if (const auto* gpus = known(facts_.gpus)) {
      for (const auto& gpu : *gpus) lines.push_back("card: " + card_text(gpu));
    }
    if (!has_gpu(facts_)) lines.emplace_back("card: none of NVIDIA's, so builds for the CPU");
    if (const auto* driver = known(facts_.driver)) {
      const auto& version = driver->loaded ? driver->loaded : driver->userspace;
      if (version) lines.push_back("driver: " + *version);
    } else if (has_gpu(facts_)) {
      lines.emplace_back("driver: none yet");
    }
    if (!facts_.pythons.empty()) {
      std::vector<std::string> versions;
      for (const auto& each : facts_.pythons) versions.push_back(each.version);
      lines.push_back("python: " + join(versions, ", "));
    }
    return lines;
  }

  static DraftSection driver() {
    DraftSection section{
        "The driver: the branch that is there if it drives the card, else the newest that does."};
    section.entries.push_back({"nvidia_driver", {"auto"}});
    return section;
  }

  /// The first Python here that the chosen release is made for; empty: what `python3` is.
  std::string python() const {
    if (!answer_.selection || facts_.pythons.empty()) return {};
    for (const auto& each : facts_.pythons) {
      const auto minor = python_minor(each.version);
      if (range_contains(answer_.selection->python, minor))
        return minor == python_minor(facts_.pythons.front().version) ? "" : minor;
    }
    return {};
  }

  DraftSection workspace() const {
    DraftSection section{"A folder to work in, and a venv in it."};
    const auto minor = python();
    section.entries.push_back({"directory", {"${ml_path}"}});
    if (apt_)
      section.entries.push_back(
          {"apt_package", {minor.empty() ? "python3-venv" : "python" + minor + "-venv"}});
    DraftEntry venv{"venv", {framework_}, {{"path", "${ml_path}/" + framework_}}};
    if (!minor.empty()) venv.fields.push_back({"python", minor});
    section.entries.push_back(std::move(venv));
    return section;
  }

  std::string why() const {
    if (!answer_.selection) return {};
    const auto& chosen = *answer_.selection;
    std::string text = "Here `" + chosen.requirement + "`";
    if (!chosen.cuda.empty()) text += ", built for CUDA " + chosen.cuda;
    if (!chosen.min_driver.empty()) text += ", which asks for a driver from " + chosen.min_driver;
    if (!chosen.python.empty()) text += ", and for Python " + chosen.python;
    return text + ".";
  }

  DraftSection packages() const {
    DraftSection section{"The newest release whose build fits; `mlenvctl resolve " + framework_ +
                         " --this-host` says why."};
    DraftEntry entry{"framework", {framework_}, {}, why()};
    if (answer_.selection) entry.fields.push_back({"version", answer_.selection->version});
    entry.fields.push_back({"venv", framework_});
    if (framework_ == "torch") entry.fields.push_back({"with", "torchvision"});
    for (const auto& conflict : answer_.conflicts) section.notes.push_back(conflict.message);
    section.entries.push_back(std::move(entry));
    section.entries.push_back({"pip_package", {"ipykernel"}, {{"venv", framework_}}});
    section.entries.push_back({"jupyter_kernel", {framework_}, {{"venv", framework_}}});
    return section;
  }

  DraftSection check() const {
    DraftSection section{"What `apply` tries at its end, and `mlenvctl verify` at any time."};
    for (const auto& each : trials) {
      if (each.framework != framework_) continue;
      section.entries.push_back(
          {"check",
           {framework_ + " computes"},
           {{"venv", framework_}, {"python", std::string(has_gpu(facts_) ? each.with_card : each.without)}}});
    }
    return section;
  }

  const AdoptedHost& host_;
  const Facts& facts_;
  std::string framework_;
  Resolution answer_;
  bool in_place_ = true;
  bool apt_ = false;
};

}  // namespace

Draft starter(const AdoptedHost& host, const std::string& framework) {
  return Starter(host, framework).made();
}

}  // namespace mlenv
