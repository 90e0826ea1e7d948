#include "base/text.hpp"
#include "kinds/composite.hpp"
#include "kinds/driver_choice.hpp"
#include "kinds/kinds.hpp"

namespace mlenv {
namespace {

/// What unattended-upgrades is to leave alone: the driver and everything of its own version, as regular
/// expressions that match from the beginning of a package's name.
constexpr const char* guarded_names[] = {"nvidia-",
                                         "libnvidia-",
                                         "libcuda1",
                                         "cuda-drivers",
                                         "linux-modules-nvidia-",
                                         "linux-objects-nvidia-",
                                         "linux-signatures-nvidia-",
                                         "xserver-xorg-video-nvidia",
                                         "firmware-nvidia-"};
constexpr const char* guard_path = "/etc/apt/apt.conf.d/52mlenvctl-nvidia-guard";
constexpr const char* nouveau_path = "/etc/modprobe.d/mlenvctl-nouveau.conf";

struct NvidiaDriver {
  static constexpr KindText text = {
      "nvidia_driver", "NVIDIA's driver: branch, kernel modules and packages by card and distribution.",
      "`auto` keeps the branch that is installed if it drives all cards, else takes the newest that does: "
      "from "
      "NVIDIA's repository where the recipe uses it, else from the distribution. The kernel modules are the "
      "open ones where the card requires them or the branch prefers them, the proprietary ones for cards "
      "before Turing. Where Secure Boot is on, modules that the distribution has built and signed go before "
      "those that DKMS builds; without any, a person has to enrol a key at the next boot.\n"
      "\n"
      "In WSL2 and in containers no driver belongs, and without an NVIDIA card there is nothing to drive: "
      "there it is not applicable. nouveau is kept from loading. With `guard: true` the driver is held, with "
      "all that must have its version, and unattended upgrades pass it over, so that libraries and running "
      "module stay of one version.",
      "- nvidia_driver: auto\n  guard: true\n", Naming::one};

  using Spec = DriverWish;

  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::version, "A branch such as 535, or `auto`.");
    fields.choice("source", &Spec::source, {"auto", "nvidia", "distribution"},
                  "Whose packages: NVIDIA's, or the distribution's own.",
                  "auto: NVIDIA's where the recipe uses its repository");
    fields.choice("flavour", &Spec::flavour, {"auto", "open", "proprietary"}, "The kernel modules.",
                  "auto: by card and branch");
    fields.optional("guard", &Spec::guard, "Hold it, and keep unattended upgrades from it.", "false");
  }
  static std::string resource_name(const Spec& spec) { return spec.version; }

  static Expansion expand(const Spec& spec, const Declaration& declaration, Composition& composition) {
    if (const auto why = out_of_place(composition.facts())) return not_for_this_host(*why);
    if (composition.facts().arch == "aarch64" && std::holds_alternative<Unknown>(composition.facts().driver))
      return not_for_this_host("the driver is part of this board's own software");
    if (const auto* unknown = std::get_if<Unknown>(&composition.facts().gpus)) {
      return cannot_choose("which cards this host has is not known: " + unknown->why, "");
    }
    const auto& ground = composition.facts().ground;
    if (const auto* run_file = known(ground.run_file)) return by_run_file(*run_file);
    const auto choice = choose_driver_packages(spec, composition);
    if (!choice) return refused(choice.error(), declaration, composition);
    composition.driver = choice->branch;
    return packages(spec, *choice, declaration, composition);
  }

 private:
  static std::optional<std::string> out_of_place(const Facts& facts) {
    const auto* virt = known(facts.virt);
    if (virt != nullptr && *virt == "wsl2") return "in WSL2 the driver is that of Windows; none belongs here";
    if (virt != nullptr && *virt == "container") return "in a container the driver is the host's";
    const auto* gpus = known(facts.gpus);
    const bool none = std::holds_alternative<Absent>(facts.gpus) || (gpus != nullptr && gpus->empty());
    return none ? std::optional<std::string>("there is no NVIDIA card") : std::nullopt;
  }

  static Expansion by_run_file(const std::string& version) {
    Expansion made;
    made.action = Action::manual;
    made.because = "the driver (" + version + ") was installed by NVIDIA's .run file, past apt";
    return made;
  }

  /// What the tables do not know is unknown; what cannot be is a conflict.
  static Expansion refused(const Error& error, const Declaration& declaration, Composition& composition) {
    if (error.code == "driver.unknown-card") return cannot_choose(error.message, error.hint);
    composition.scope.diagnostics.error(
        "resolve." + error.code, error.message, declaration.where,
        error.hint.empty() ? std::nullopt : std::optional<std::string>(error.hint));
    return {};
  }

  static Expansion packages(const Spec& spec, const DriverPackages& choice, const Declaration& declaration,
                            Composition& composition) {
    Expansion made;
    if (choice.from_nvidia) add_cuda_repository(declaration, composition, made);
    if (!choice.from_nvidia) add_components(declaration, composition, made);
    PlainDeclaration nouveau(declaration, "file", nouveau_path);
    made.chosen.push_back(nouveau.with("content", "blacklist nouveau\noptions nouveau modeset=0\n").made());
    if (!choice.headers.empty())
      made.chosen.push_back(PlainDeclaration(declaration, "apt_package", choice.headers).made());
    add_packages(choice.packages, spec.guard, declaration, made);
    if (spec.guard) {
      add_packages(choice.guarded, true, declaration, made);
      PlainDeclaration guard(declaration, "file", guard_path);
      made.chosen.push_back(guard.with("content", guard_text()).made());
    }
    made.because = choice.because;
    made.settled = {{"", choice.branch}};
    made.findings.push_back(
        {"composite.choice", "`nvidia_driver." + spec.version + "`: " + choice.because, {}, Severity::note});
    wait_for_person(choice, composition.facts(), made);
    return made;
  }

  static void add_packages(const std::vector<std::string>& names, bool hold, const Declaration& declaration,
                           Expansion& made) {
    if (names.empty()) return;
    PlainDeclaration packages(declaration, "apt_package", names);
    if (hold) packages.with("hold", "true");
    made.chosen.push_back(packages.made(true));
  }

  static std::string guard_text() {
    std::string settings =
        "// The driver changes when its recipe does, not by itself.\n"
        "Unattended-Upgrade::Package-Blacklist {\n";
    for (const char* name : guarded_names) settings += "  \"" + std::string(name) + "\";\n";
    return settings + "};\n";
  }

  /// The screen of the firmware, and the boot: what only a person can do. How is told by the findings of the
  /// host, see preflight().
  static void wait_for_person(const DriverPackages& choice, const Facts& facts, Expansion& made) {
    const auto* secure = known(facts.secure_boot);
    const auto* enrolled = known(facts.ground.mok_enrolled);
    const auto* driver = known(facts.driver);
    if (secure != nullptr && *secure && !choice.signed_modules && (enrolled == nullptr || !*enrolled)) {
      made.because =
          "Secure Boot is on: a person has to enrol the key that signs the modules, at the next boot";
    } else if (choice.installed && driver != nullptr && driver->status == "mismatch") {
      made.because = "reboot: the running module is of another version than the driver's libraries";
    } else if (choice.installed && driver != nullptr && driver->status == "not-loaded") {
      made.because = "reboot: the driver is installed, and its module is not loaded";
    } else {
      return;
    }
    made.action = Action::manual;
  }
};

}  // namespace

Kind nvidia_driver_kind() { return make_composite<NvidiaDriver>(); }

}  // namespace mlenv
