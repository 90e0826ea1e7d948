#include <algorithm>

#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/repository_key.hpp"

namespace mlenv {
namespace {

struct CudaRepo {
  static constexpr KindText text = {
      "cuda_repo", "NVIDIA's CUDA repository, or a mirror of it.",
      "As `apt_repo`, with what is known of NVIDIA's: its layout, its key by full fingerprint, and the pin "
      "file "
      "`cuda-repository-pin-600`. `auto` takes the directory of this host's distribution. With `mirror` a "
      "lab's own copy "
      "serves, laid out as NVIDIA's; it is signed by NVIDIA's key unless `key` says otherwise.",
      "- cuda_repo: ubuntu2004\n", Naming::one};

  struct Spec {
    std::string directory;
    std::string arch;
    std::optional<Url> mirror;
    std::optional<RepositoryKey> key;
    int pin_priority = 600;
    Presence state = Presence::present;
    std::string nvidia_key;  ///< fingerprint of the key that NVIDIA signs this directory with
    bool operator==(const Spec&) const = default;
  };
  using State = RepositoryState;

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::directory, "NVIDIA's directory (ubuntu2004, debian12, …), or `auto`.");
    fields.optional("arch", &Spec::arch, "NVIDIA's folder of the architecture: x86_64, sbsa.", "the host's");
    fields.optional("mirror", &Spec::mirror, "Base URL in place of NVIDIA's.", nvidia_repositories);
    fields.nested("key", &Spec::key, "The key that signs it, where it is not NVIDIA's.");
    fields.optional("pin_priority", &Spec::pin_priority, "Priority of its packages.", "600");
  }
  static std::string resource_name(const Spec& spec) { return spec.directory; }

  static void inspect(Spec& spec, const Node& name, const Declaration&, DecodeScope& scope) {
    if (spec.arch.empty())
      spec.arch = scope.facts != nullptr && scope.facts->arch == "aarch64" ? "sbsa" : "x86_64";
    if (spec.directory == "auto") {
      choose_directory(spec, name, scope);
    } else {
      check_directory(spec, name, scope);
    }
    const auto directory = scope.knowledge->cuda_repository(spec.directory);
    const auto key = scope.knowledge->cuda_key(directory ? directory->key : "3bf863cc");
    if (key) spec.nvidia_key = key->fingerprint;
    if (spec.key) lint_key(spec.key->fingerprints(), name.span, scope);
  }

  static void links(Spec& spec, Resource& resource) {
    resource.offers.push_back({Capability::package_source, "cuda/" + spec.directory, {}});
    resource.fingerprints = repository(spec).fingerprints;
  }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    return probe_repository(repository(want), scope);
  }
  static Decision diff(const Spec& want, const State& have, const ProbeScope&) {
    return diff_repository(repository(want), have);
  }

 private:
  static void choose_directory(Spec& spec, const Node& name, DecodeScope& scope) {
    if (scope.facts == nullptr) return;  // validate: no host, no choice
    const auto* os = known(scope.facts->os);
    const auto* virt = known(scope.facts->virt);
    const auto wanted = virt != nullptr && *virt == "wsl2" ? std::string("wsl2")
                        : os != nullptr                    ? os->id + " " + os->version_id
                                                           : std::string("an unknown distribution");
    for (const auto& each : scope.knowledge->cuda_repositories()) {
      if (each.os == wanted) {
        spec.directory = each.directory;
        return;
      }
    }
    scope.diagnostics.error("cuda.no-directory", "NVIDIA has no repository for " + wanted, name.span,
                            "name a directory that fits");
  }

  static void check_directory(const Spec& spec, const Node& name, DecodeScope& scope) {
    const auto known_one = scope.knowledge->cuda_repository(spec.directory);
    if (!known_one) {
      std::vector<std::string> names;
      for (const auto& each : scope.knowledge->cuda_repositories()) names.push_back(each.directory);
      const auto near = nearest_word(spec.directory, names);
      scope.diagnostics.error("cuda.no-directory",
                              "NVIDIA's repository has no directory `" + spec.directory + "`", name.span,
                              near ? "did you mean `" + *near + "`?" : "known are: " + join(names, ", "));
    } else if (!spec.mirror && std::find(known_one->arches.begin(), known_one->arches.end(), spec.arch) ==
                                   known_one->arches.end()) {
      scope.diagnostics.error("cuda.no-arch",
                              "NVIDIA's directory `" + spec.directory + "` has no folder `" + spec.arch + "`",
                              name.span, "it has: " + join(known_one->arches, ", "));
    }
  }

  static std::string base_url(const Spec& spec) {
    std::string base = spec.mirror ? spec.mirror->text : nvidia_repositories;
    while (base.ends_with("/")) base.pop_back();
    return base + "/" + spec.directory + "/" + spec.arch + "/";
  }

  /// NVIDIA names the key file by the last eight digits, in one case of letters or the other.
  static void set_key(const Spec& spec, Repository& made) {
    made.fingerprints = spec.key ? spec.key->fingerprints() : std::vector<std::string>{spec.nvidia_key};
    if (spec.key) made.key_text = spec.key->bytes();
    if (spec.key && spec.key->url) made.key_locations.push_back(spec.key->url->text);
    if (!made.key_text.empty() || !made.key_locations.empty() || made.fingerprints.empty()) return;
    const auto short_of = [](const std::string& fingerprint) {
      return fingerprint.substr(fingerprint.size() - std::min<std::size_t>(fingerprint.size(), 8));
    };
    const auto short_id = short_of(made.fingerprints.front());
    made.key_locations = {base_url(spec) + to_lower(short_id) + ".pub", base_url(spec) + short_id + ".pub",
                          base_url(spec) + to_lower(short_of(spec.nvidia_key)) + ".pub"};
  }

  static Repository repository(const Spec& spec) {
    Repository made;
    made.address = "cuda_repo." + spec.directory;
    made.name = "cuda-" + spec.directory + "-" + spec.arch;
    made.types = {"deb"};
    made.uris = {base_url(spec)};
    made.suites = {"/"};
    set_key(spec, made);
    made.pin_path = "/etc/apt/preferences.d/cuda-repository-pin-600";
    made.pin_content = cuda_pin(spec.pin_priority);
    made.state = spec.state;
    return made;
  }
};

}  // namespace

Kind cuda_repo_kind() { return make_kind<CudaRepo>(); }

}  // namespace mlenv
