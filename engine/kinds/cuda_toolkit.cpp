#include "base/text.hpp"
#include "kinds/composite.hpp"
#include "kinds/kinds.hpp"
#include "knowledge/candidate.hpp"

namespace mlenv {
namespace {

struct FittingToolkit {
  static constexpr KindText text = {
      "cuda_toolkit", "A CUDA toolkit that fits the cards, the driver and the distribution.",
      "`auto` takes the newest toolkit that makes code for all cards, runs on the driver, and is in NVIDIA's "
      "repository for this distribution; `11.0` that one, `11.0.3` that very release. It expands to "
      "`cuda_repo` (unless the recipe declares one), `apt_package` and an `env_var` for PATH; it never "
      "brings a driver along. With `source: distribution` it is the distribution's own "
      "`nvidia-cuda-toolkit`.",
      "- cuda_toolkit: auto\n", Naming::one};

  struct Spec {
    std::string version;
    std::string source = "auto";
    bool path = true;
    bool hold = false;
    bool operator==(const Spec&) const = default;
  };

  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::version, "A toolkit such as 11.0, a release such as 11.0.3, or `auto`.");
    fields.choice("source", &Spec::source, {"auto", "nvidia", "distribution"},
                  "Whose packages: NVIDIA's, or the distribution's own.",
                  "auto: NVIDIA's where it has a repository");
    fields.optional("path", &Spec::path, "Put its programs into the user's PATH.", "true");
    fields.optional("hold", &Spec::hold, "Keep apt from changing it.", "false");
  }
  static std::string resource_name(const Spec& spec) { return spec.version; }

  static Expansion expand(const Spec& spec, const Declaration& declaration, Composition& composition) {
    const auto* os = known(composition.facts().os);
    const auto name = os == nullptr ? std::string() : os->id + " " + os->version_id;
    if (spec.source == "distribution") return own_package(spec, name, declaration, composition);
    auto question = composition.question();
    question.pythons.clear();
    question.framework.clear();
    if (spec.version != "auto") question.cuda = minor_of(spec.version);
    const bool there = in_repository(question.os, composition);
    if (!there && spec.source == "auto") return own_package(spec, name, declaration, composition);
    const auto answer = resolved(question, declaration, composition);
    return answer ? nvidias(spec, *answer, declaration, composition) : Expansion{};
  }

 private:
  /// `11.0.3` -> `11.0`.
  static std::string minor_of(const std::string& version) {
    const auto dot = version.find('.');
    return dot == std::string::npos ? version : version.substr(0, version.find('.', dot + 1));
  }

  static bool in_repository(const std::string& os, const Composition& composition) {
    for (const auto& each : composition.knowledge().cuda_repositories()) {
      if (each.os == os) return true;
    }
    return composition.declares("cuda_repo");
  }

  static Expansion nvidias(const Spec& spec, const Resolution& answer, const Declaration& declaration,
                           Composition& composition) {
    Expansion made;
    const auto& cuda = answer.selection->cuda;
    composition.cuda = cuda;
    add_cuda_repository(declaration, composition, made);
    PlainDeclaration package(declaration, "apt_package", "cuda-toolkit-" + replace_all(cuda, ".", "-"));
    if (spec.version != "auto" && spec.version != cuda) package.with("version", spec.version + "-1");
    if (spec.hold) package.with("hold", "true");
    made.chosen.push_back(package.made());
    if (spec.path) {
      PlainDeclaration path(declaration, "env_var", "PATH");
      made.chosen.push_back(
          path.called("PATH-cuda").with("prepend", "/usr/local/cuda-" + cuda + "/bin").made());
    }
    made.settled = {{"", spec.version == "auto" ? cuda : spec.version}};
    made.because = "CUDA " + cuda + " is what fits";
    made.findings.push_back(note_of(answer, "cuda_toolkit." + spec.version));
    return made;
  }

  /// The toolkit that the distribution itself packages.
  static Expansion own_package(const Spec& spec, const std::string& os, const Declaration& declaration,
                               Composition& composition) {
    const Row* row = composition.knowledge().find("distro_drivers", "os", os);
    if (row == nullptr || !row->has("toolkit")) {
      return cannot_choose(
          "which CUDA toolkit " + (os.empty() ? "this distribution" : os) + " has is not in the tables",
          "a lab's own rows, in a folder given with --knowledge, extend the tables");
    }
    const auto& cuda = row->text("toolkit");
    auto question = composition.question();
    question.pythons.clear();
    question.os.clear();
    question.cuda = cuda;
    if (spec.version != "auto" && !range_contains(minor_of(spec.version), cuda)) {
      composition.scope.diagnostics.error(
          "resolve.os", "the toolkit of " + os + " is CUDA " + cuda + ", not " + spec.version,
          declaration.where, "take `source: nvidia`");
      return {};
    }
    const auto answer = resolved(question, declaration, composition);
    if (!answer) return {};
    Expansion made;
    composition.cuda = cuda;
    add_components(declaration, composition, made);
    PlainDeclaration package(declaration, "apt_package", "nvidia-cuda-toolkit");
    if (spec.hold) package.with("hold", "true");
    made.chosen.push_back(package.made());
    made.settled = {{"", spec.version == "auto" ? cuda : spec.version}};
    made.because = "CUDA " + cuda + " is the toolkit of " + os;
    made.findings.push_back(note_of(*answer, "cuda_toolkit." + spec.version));
    return made;
  }
};

}  // namespace

Kind cuda_toolkit_kind() { return make_composite<FittingToolkit>(); }

}  // namespace mlenv
