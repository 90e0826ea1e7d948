#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "kinds/composite.hpp"
#include "kinds/kinds.hpp"
#include "knowledge/candidate.hpp"
#include "knowledge/fit.hpp"

namespace mlenv {
namespace {

struct FittingCudnn {
  static constexpr KindText text = {
      "cudnn", "cuDNN for a CUDA toolkit, runtime and development files in one version.",
      "`auto` takes the newest cuDNN that is made for the toolkit and serves all cards; `8.0` a release of "
      "that line. "
      "The toolkit is the one of `cuda`, else what `cuda_toolkit` of the same recipe chose, else the one "
      "that "
      "is installed. "
      "It expands to `cuda_repo` (unless the recipe declares one) and to two packages of one exact version, "
      "installed by "
      "one transaction and held. A wheel that brings its own cuDNN needs none of this.",
      "- cudnn: auto\n  cuda: \"11.0\"\n", Naming::one};

  struct Spec {
    std::string version;
    std::string cuda = "auto";
    bool hold = true;
    bool operator==(const Spec&) const = default;
  };

  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::version, "A version such as 8.0 or 9.10.2, or `auto`.");
    fields.optional("cuda", &Spec::cuda, "The toolkit that it is for.", "the recipe's, or the one installed");
    fields.optional("hold", &Spec::hold, "Keep apt from changing it.", "true");
  }
  static std::string resource_name(const Spec& spec) { return spec.version; }

  static Expansion expand(const Spec& spec, const Declaration& declaration, Composition& composition) {
    const auto cuda = toolkit_for(spec, composition);
    if (cuda.empty()) {
      return cannot_choose(
          "which CUDA toolkit it is for is not known: none is declared, and none is installed",
          "write `cuda: \"12.6\"`, or declare a `cuda_toolkit`");
    }
    const auto cards = resolve_gpus(composition.knowledge(), composition.question());
    const auto& rows = composition.knowledge().table("cudnn_packages");
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      if (!range_contains(row->text("cuda"), cuda) || !is_asked(spec, *row)) continue;
      if (!serves(composition.knowledge(), *row, cuda, cards)) continue;
      return packages(spec, *row, cuda, declaration, composition);
    }
    composition.scope.diagnostics.error("resolve.cudnn",
                                        "there is no package of cuDNN " +
                                            (spec.version == "auto" ? std::string() : spec.version + " ") +
                                            "for CUDA " + cuda + (cards.empty() ? "" : " and these cards"),
                                        declaration.where, others(composition.knowledge(), spec, cuda));
    return {};
  }

 private:
  static std::string toolkit_for(const Spec& spec, const Composition& composition) {
    if (spec.cuda != "auto") return spec.cuda;
    if (!composition.cuda.empty()) return composition.cuda;
    const auto* toolkits = known(composition.facts().cuda_toolkits);
    if (toolkits == nullptr || toolkits->empty()) return {};
    const auto current =
        std::find_if(toolkits->begin(), toolkits->end(), [](const auto& each) { return each.current; });
    return current == toolkits->end() ? toolkits->back().version : current->version;
  }

  static bool is_asked(const Spec& spec, const Row& row) {
    return spec.version == "auto" || range_contains(spec.version, row.text("cudnn")) ||
           range_contains(row.text("cudnn"), spec.version);
  }

  /// Whether a release line that holds this cuDNN is made for the toolkit and for all cards.
  static bool serves(const Knowledge& knowledge, const Row& package, const std::string& cuda,
                     const std::vector<ResolvedGpu>& cards) {
    const auto& version = package.text("cudnn");
    for (const auto& line : knowledge.table("cudnn")) {
      const bool in_line = range_contains(">=" + line.text("first") + ",<=" + line.text("last"), version) ||
                           (!package.has("version") && range_contains(version, line.text("last")));
      if (!in_line || !range_contains(line.text("cuda"), cuda)) continue;
      const bool all = std::all_of(cards.begin(), cards.end(), [&](const ResolvedGpu& card) {
        return card.compute_capability.empty() ||
               range_contains(line.text("capability"), card.compute_capability);
      });
      if (all) return true;
    }
    return false;
  }

  /// What there is for this toolkit, else for which toolkits there is what was asked for.
  static std::string others(const Knowledge& knowledge, const Spec& spec, const std::string& cuda) {
    std::vector<std::string> found;
    for (const auto& row : knowledge.table("cudnn_packages")) {
      if (range_contains(row.text("cuda"), cuda) || is_asked(spec, row))
        found.push_back(row.text("cudnn") + " for CUDA " + row.text("cuda"));
    }
    constexpr std::size_t at_most = 3;
    if (found.size() > at_most) found.erase(found.begin(), found.end() - at_most);
    return found.empty() ? "the tables have none" : "there are: " + join(found, ", ");
  }

  static Expansion packages(const Spec& spec, const Row& row, const std::string& cuda,
                            const Declaration& declaration, Composition& composition) {
    Expansion made;
    add_cuda_repository(declaration, composition, made);
    PlainDeclaration pair(declaration, "apt_package",
                          std::vector<std::string>{row.text("package"), row.text("dev")});
    if (row.has("version")) pair.with("version", row.text("version"));
    if (spec.hold) pair.with("hold", "true");
    made.chosen.push_back(pair.made());
    made.settled = {{"", row.text("cudnn")}, {"cuda", cuda}};
    made.because = "cuDNN " + row.text("cudnn") + " is what fits CUDA " + cuda;
    made.findings.push_back({"composite.choice",
                             "`cudnn." + spec.version + "`: " + made.because + " (" + row.source() + ")",
                             {},
                             Severity::note});
    return made;
  }
};

}  // namespace

Kind cudnn_kind() { return make_composite<FittingCudnn>(); }

}  // namespace mlenv
