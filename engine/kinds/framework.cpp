#include <algorithm>

#include "base/pep_version.hpp"
#include "base/text.hpp"
#include "kinds/composite.hpp"
#include "kinds/kinds.hpp"
#include "knowledge/candidate.hpp"
#include "resource/python_wish.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {
namespace {

struct Framework {
  static constexpr KindText text = {
      "framework", "A framework in the build that fits the cards, the driver and the Python.",
      "torch, tensorflow, jax, cupy, cudf, cuml, dali: the newest release (or the one of `version`) whose "
      "wheels have code for "
      "all cards, run on the driver, and exist for the venv's Python. It expands to `pip_package` with the "
      "right local label "
      "from the right index, which is told for these packages alone; and to `cuda_toolkit` and `cudnn` where "
      "the wheels do "
      "not bring their own. Without an NVIDIA card it takes the build for the CPU. What collides is told "
      "before anything "
      "runs, with the nearest ways out; `mlenvctl resolve` asks the same question by hand.",
      "- framework: torch\n  version: \"2.4.1\"\n  venv: torch\n  with: [torchvision, torchaudio]\n",
      Naming::one};

  struct Spec {
    std::string name;
    std::string version = "auto";
    std::string venv;
    bool user = false;
    std::string cuda = "auto";
    std::vector<std::string> with;
    std::optional<Url> mirror;
    bool toolkit = true;
    bool operator==(const Spec&) const = default;
  };

  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name, "torch, tensorflow, jax, cupy, cudf, cuml or dali.");
    fields.optional("version", &Spec::version,
                    "A version such as 2.4.1, specifiers such as `>=2,<3`, or `auto`.",
                    "auto, the newest that fits");
    fields.optional("venv", &Spec::venv, "The venv that it is installed into.", "needed unless `user: true`");
    fields.optional("user", &Spec::user, "Install for the user's own `python3`, without a venv.", "false");
    fields.optional("cuda", &Spec::cuda, "The CUDA of the build: 12.6, cu126, cpu, or `auto`.", "auto");
    fields.optional("with", &Spec::with, "What is released along with it: torchvision, torchaudio.",
                    "nothing");
    fields.optional("mirror", &Spec::mirror, "Base URL in place of the index that the tables name.");
    fields.optional("toolkit", &Spec::toolkit,
                    "Bring the toolkit and cuDNN that a build without its own libraries needs.", "true");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }

  static Expansion expand(const Spec& spec, const Declaration& declaration, Composition& composition) {
    if (!is_sound(spec, declaration, composition)) return {};
    auto question = composition.question();
    question.framework = canonical_framework(composition.knowledge(), spec.name);
    question.version = specifiers(spec.version);
    question.with = spec.with;
    question.pythons = pythons(spec, composition);
    if (spec.cuda != "auto") question.cuda = to_lower(spec.cuda);
    const auto* cards_unknown = std::get_if<Unknown>(&composition.facts().gpus);
    if (cards_unknown != nullptr && spec.cuda == "auto" && question.os != "wsl2") {
      return cannot_choose("which cards this host has is not known: " + cards_unknown->why,
                           "`cuda: cu126`, say, or `cuda: cpu` chooses by hand");
    }
    const auto answer = resolved(question, declaration, composition);
    if (!answer) return {};
    auto made = packages(spec, *answer->selection, declaration);
    made.findings.push_back(note_of(*answer, "framework." + spec.name));
    if (cards_unknown != nullptr && spec.cuda == "auto") {
      made.findings.push_back({"framework.cards-unknown",
                               "which cards this host has is not known, so the build is the newest one",
                               "`cuda:` says which it is to be"});
    }
    return made;
  }

 private:
  static bool is_sound(const Spec& spec, const Declaration& declaration, Composition& composition) {
    auto& diagnostics = composition.scope.diagnostics;
    const auto& knowledge = composition.knowledge();
    if (canonical_framework(knowledge, spec.name).empty()) {
      const auto names = framework_names(knowledge);
      const auto near = nearest_word(spec.name, names);
      diagnostics.error("framework.name", "there is no framework `" + spec.name + "` in the tables",
                        declaration.where,
                        near ? "did you mean `" + *near + "`?" : "there are: " + join(names, ", "));
      return false;
    }
    if (!PepSpecifierSet::parse(specifiers(spec.version))) {
      diagnostics.error("framework.version", "`" + spec.version + "` is no version", declaration.where,
                        "as in `1.7.1` or `>=2,<3`");
      return false;
    }
    if (spec.user != spec.venv.empty()) {
      diagnostics.error("framework.venv", "`framework` needs either `venv` or `user: true`",
                        declaration.where);
      return false;
    }
    if (!spec.venv.empty() && !composition.environment(spec.venv)) {
      diagnostics.error("graph.unknown-reference", "no `venv` is declared as `" + spec.venv + "`",
                        declaration.where);
      return false;
    }
    return true;
  }

  static std::string specifiers(const std::string& version) {
    if (version == "auto") return {};
    const bool bare = version.find_first_of("=<>!~") == std::string::npos;
    return bare ? "==" + version : version;
  }

  /// The Python that the packages will be for: that of the venv as it is, if it is to stay, else the one that
  /// it will be made with. Nothing where that cannot be told yet.
  static std::vector<std::string> pythons(const Spec& spec, const Composition& composition) {
    const auto& facts = composition.facts();
    const auto environment = spec.user ? nullptr : composition.environment(spec.venv);
    const auto wish = PythonWish::parse(environment ? environment->python : std::string());
    if (!wish) return {};
    if (environment && composition.scope.host != nullptr) {
      const auto config = composition.scope.host->read_file(venv_config_path(environment->prefix));
      const auto version = config && *config ? parse_venv_config(**config).version : std::string();
      if (!version.empty() && wish->allows(version)) return {version};
    }
    if (const auto python = choose_python(facts.pythons, *wish)) return {python->version};
    const auto* os = known(facts.os);
    const Row* row =
        os == nullptr ? nullptr
                      : composition.knowledge().find("distro_pythons", "os", os->id + " " + os->version_id);
    if (row != nullptr && wish->allows(row->text("python"))) return {row->text("python")};
    return {};
  }

  /// `torch==1.7.1+cu110`, and `torchvision==0.8.2+cu110` for `torchvision`.
  static std::vector<std::string> requirements(const Spec& spec, const Selection& chosen) {
    std::vector<std::string> all = {chosen.requirement};
    for (const auto& companion : chosen.companions) {
      if (std::find(spec.with.begin(), spec.with.end(), companion.substr(0, companion.find('='))) !=
          spec.with.end())
        all.push_back(companion);
    }
    return all;
  }

  /// The index with the mirror in place of the server that the tables name.
  static std::string index_of(const Spec& spec, const Selection& chosen) {
    if (!spec.mirror) return chosen.index == "https://pypi.org/simple" ? std::string() : chosen.index;
    const std::string wheels = "https://download.pytorch.org/whl";
    auto base = spec.mirror->text;
    while (base.ends_with("/")) base.pop_back();
    return chosen.index.starts_with(wheels) ? base + chosen.index.substr(wheels.size()) : base;
  }

  static Expansion packages(const Spec& spec, const Selection& chosen, const Declaration& declaration) {
    Expansion made;
    if (chosen.system_toolkit && spec.toolkit) add_toolkit(chosen, declaration, made);
    PlainDeclaration wheels(declaration, "pip_package", requirements(spec, chosen));
    if (spec.user) {
      wheels.with("user", "true");
    } else {
      wheels.with("venv", spec.venv);
    }
    if (const auto index = index_of(spec, chosen); !index.empty()) {
      wheels.with(chosen.from == BuildFrom::index         ? "index_url"
                  : chosen.from == BuildFrom::extra_index ? "extra_index_urls"
                                                          : "find_links",
                  index);
    }
    made.chosen.push_back(wheels.made());
    made.because = "`" + chosen.requirement + "` is what fits";
    made.settled = {{"version", chosen.version}};
    if (!chosen.accelerator.empty()) made.settled.emplace_back("cuda", chosen.accelerator);
    return made;
  }

  static void add_toolkit(const Selection& chosen, const Declaration& declaration, Expansion& made) {
    made.chosen.push_back(PlainDeclaration(declaration, "cuda_toolkit", chosen.cuda).made());
    PlainDeclaration cudnn(declaration, "cudnn", chosen.cudnn);
    made.chosen.push_back(cudnn.with("cuda", chosen.cuda).made());
  }
};

}  // namespace

Kind framework_kind() { return make_composite<Framework>(); }

}  // namespace mlenv
