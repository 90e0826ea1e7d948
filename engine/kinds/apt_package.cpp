#include <algorithm>

#include "base/text.hpp"
#include "host/fact_packages.hpp"
#include "kinds/kinds.hpp"
#include "kinds/lint.hpp"
#include "kinds/package_manager.hpp"
#include "knowledge/knowledge.hpp"
#include "resource/dpkg_status.hpp"

namespace mlenv {
namespace {

constexpr const char* lists_folder = "/var/lib/apt/lists";

bool is_package_name(std::string_view text) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  if (name.size() < 2 || name[0] == '-' || name[0] == '+' || name[0] == '.') return false;
  if (!std::all_of(name.begin(), name.end(), good)) return false;
  if (name.back() == '-') return false;  // to apt-get that is an order to remove
  const auto arch = colon == std::string_view::npos ? std::string_view("any") : text.substr(colon + 1);
  return !arch.empty() && arch[0] != '-' && std::all_of(arch.begin(), arch.end(), good);
}

struct AptPackage {
  static constexpr KindText text = {
      "apt_package", "A package of the distribution or of a declared repository.",
      "What is installed is read from dpkg's own database, holds and half-finished states included. All "
      "packages that can "
      "go together are installed by one apt transaction, after every declared repository. Without `version`, "
      "any installed "
      "version will do. `hold: true` keeps apt from changing the package; a declared version goes before a "
      "hold. "
      "`state: latest` means the newest version that apt knows of. `state: absent` removes the package and "
      "keeps its "
      "configuration files. In a container packages of NVIDIA's driver are not applicable: the driver is the "
      "host's.",
      "- apt_package: [libcudnn8, libcudnn8-dev]\n  version: 8.0.5.39-1+cuda11.0\n  hold: true\n",
      Naming::many};

  struct Spec {
    std::string name;
    std::optional<DebConstraint> version;
    std::optional<bool> hold;
    Presence state = Presence::present;
    bool operator==(const Spec&) const = default;
  };
  struct State {
    std::optional<PackageRecord> record;
    std::string provided_by;
    std::string candidate;  ///< of state: latest
    bool interrupted = false;
    bool lists_missing = false;
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent", "latest"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name,
                "The package's name, with an architecture where it is a foreign one (`libc6:i386`).");
    fields.optional("version", &Spec::version, "An exact version, or a comparison such as >=450.80.02.",
                    "any");
    fields.optional("hold", &Spec::hold, "Whether apt may change it (apt-mark hold).", "as it is");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }

  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
    const auto equals = spec.name.find('=');
    if (equals != std::string::npos) {
      scope.diagnostics.error("apt.name", "expected the name of a package, found `" + spec.name + "`",
                              name.span,
                              "write the version as `version: " + spec.name.substr(equals + 1) + "`");
    } else if (!is_package_name(spec.name)) {
      scope.diagnostics.error(
          "apt.name",
          "expected the name of a package (lower-case letters, digits, `+`, `-`, `.`), found " +
              describe_type(name),
          name.span);
    }
    refuse_foreign_manager("apt", name, declaration, scope);
    if (spec.state == Presence::absent) return;
    lint_moving(spec, name, declaration, scope);
    lint_library(spec, name, declaration, scope);
  }

  static void links(Spec& spec, Resource& resource) {
    resource.offers.push_back({Capability::apt_package, spec.name.substr(0, spec.name.find(':')), {}});
    resource.reboots = spec.state != Presence::absent && is_driver_package(spec.name);
    Want sources{Capability::package_source, Want::Match::all};
    sources.to_bring = true;
    resource.wants.push_back(std::move(sources));
  }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    const auto& database = dpkg_database(scope);
    if (database.error) return *database.error;
    State state;
    state.interrupted = database.interrupted;
    state.record = database.packages.find(want.name);
    if (!state.record || !state.record->is_installed()) {
      if (const auto provider = database.packages.provider(want.name)) state.provided_by = provider->name;
    }
    state.lists_missing =
        scope.cache.get<bool>("apt lists are missing", [&] { return lists_are_missing(scope.host); });
    if (want.state == Presence::latest) {
      auto candidate = newest(want.name, scope);
      if (!candidate) return candidate.error();
      state.candidate = std::move(*candidate);
    }
    return state;
  }

  static std::string found(const State& have) {
    if (!have.record || !have.record->is_installed())
      return have.record && have.record->is_broken() ? have.record->status : "absent";
    return have.record->version + (have.record->is_held() ? " (held)" : "");
  }

  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope) {
    if (want.state == Presence::absent) return removal(want, have);
    const bool installed = have.record && have.record->is_installed();
    if (!have.record || (!installed && !have.record->is_broken())) {
      const auto* virt = known(scope.facts.virt);
      if (virt != nullptr && *virt == "container" && is_driver_package(want.name))
        return {Action::not_applicable, "in a container the driver is the host's", {}, {}, {}};
      const bool plain = !want.version && want.state != Presence::latest && !want.hold.value_or(false);
      if (plain && !have.provided_by.empty())
        return {Action::none, "provided by `" + have.provided_by + "`", {}, {}, {}};
      return installation(want, have, Action::create,
                          have.record && have.record->status == "config-files"
                              ? "only its configuration files are there"
                              : "it is not installed");
    }
    if (have.record->is_broken()) {
      return installation(want, have, Action::update, "an earlier run left it " + have.record->status);
    }
    const auto wanted = wanted_version(want, have);
    if (wanted) return installation(want, have, Action::update, *wanted);
    return finished_first(hold_change(want, have), have);
  }

 private:
  /// A metapackage that means another thing tomorrow, or that brings a driver to where none belongs.
  static void lint_moving(const Spec& spec, const Node& name, const Declaration& declaration,
                          DecodeScope& scope) {
    if (scope.knowledge == nullptr || !may_move(spec.name)) return;
    const Row* row = scope.knowledge->find("moving_packages", "package", spec.name);
    const auto* virt = scope.facts == nullptr ? nullptr : known(scope.facts->virt);
    const bool applies =
        !declaration.when || scope.facts == nullptr || declaration.when->holds(*scope.facts) == Truth::yes;
    // `cuda-12-4` brings a driver as `cuda` does.
    const bool driver = (row != nullptr && row->text("driver") == "yes") || is_release(spec.name, "cuda-") ||
                        is_release(spec.name, "cuda-runtime-") || is_release(spec.name, "cuda-drivers-");
    if (driver && applies && virt != nullptr && *virt == "wsl2") {
      scope.diagnostics.error(
          "resolve.driver-out-of-place",
          "`" + spec.name + "` brings a driver, and in WSL2 the driver is that of Windows", name.span,
          "`cuda-toolkit-12-9` is the toolkit alone");
    } else if (row != nullptr && !spec.version) {
      scope.diagnostics.warning("lint.moving-target",
                                "`" + spec.name + "` is a moving target: it brings " + row->text("moves"),
                                name.span, "take " + row->text("instead"));
    }
  }

  /// `libcudnn8` was CUDA 11's once and is CUDA 12's now; `libcudnn9-cuda-12` says which it is.
  static void lint_library(const Spec& spec, const Node& name, const Declaration& declaration,
                           DecodeScope& scope) {
    if (scope.knowledge == nullptr || field_of(declaration, "version") != nullptr) return;
    if (!is_package_name(spec.name) || !cuda_of(spec.name, "").empty()) return;
    const auto library = library_of(*scope.knowledge, spec.name);
    if (library.empty()) return;
    scope.diagnostics.warning(
        "lint.unpinned-library",
        "`" + spec.name + "` without a version is whatever " + library + " NVIDIA built for its newest CUDA",
        name.span,
        library.starts_with("cuDNN") ? "name a `version`, or let `cudnn: auto` choose"
                                     : "name a `version` such as one with `+cuda12.9` at its end");
  }

  static bool may_move(const std::string& name) {
    return name.starts_with("cuda") || name.starts_with("nvidia-") || name == "cudnn";
  }

  /// `cuda-12-4` for the prefix `cuda-`.
  static bool is_release(const std::string& name, const std::string& prefix) {
    return name.starts_with(prefix) && name.size() > prefix.size() &&
           name.find_first_not_of("0123456789-", prefix.size()) == std::string::npos;
  }

  /// Why the installed version does not do; nothing when it does.
  static std::optional<std::string> wanted_version(const Spec& want, const State& have) {
    const auto version = DebVersion::parse(have.record->version);
    if (want.version && (!version || !want.version->allows(*version))) return "its version does not fit";
    const auto newest_known = DebVersion::parse(have.candidate);
    if (want.state == Presence::latest && version && newest_known && *version < *newest_known)
      return "a newer version is there";
    return std::nullopt;
  }

  static Decision installation(const Spec& want, const State& have, Action action, std::string because) {
    Decision decision{action, std::move(because), {}, {}, {}};
    const bool installed = have.record && have.record->is_installed();
    const auto before = installed ? std::optional(have.record->version) : std::nullopt;
    AptTransaction transaction;
    AptItem item{want.name, {}, {}};
    if (want.version && want.version->op == DebConstraint::Op::eq) item.version = want.version->version.str();
    if (want.version && want.version->op != DebConstraint::Op::eq) item.constraint = want.version->str();
    auto after = !item.version.empty() ? item.version : want.version ? item.constraint : "newest";
    // Without a version apt takes its candidate as it is then: a repository may come before.
    if (want.state == Presence::latest && !have.candidate.empty()) after = have.candidate;
    decision.differences.push_back({"version", before, after});
    const auto old = DebVersion::parse(have.record ? have.record->version : "");
    const auto target = DebVersion::parse(item.version);
    transaction.allow_downgrades = installed && old && target && *target < *old;
    if (have.interrupted || (have.record && have.record->is_broken())) decision.steps.push_back(finishing());
    transaction.install.push_back(std::move(item));
    add_hold(want, have, decision, transaction);
    if (have.lists_missing) decision.steps.emplace_back(UpdateIndex{});
    decision.steps.emplace_back(std::move(transaction));
    return decision;
  }

  /// A hold is lifted for the change and set again when it is wanted or was there.
  static void add_hold(const Spec& want, const State& have, Decision& decision, AptTransaction& transaction) {
    const bool held = have.record && have.record->is_held();
    const bool wanted = want.hold.value_or(held);
    if (held != wanted)
      decision.differences.push_back({"hold", held ? "true" : "false", wanted ? "true" : "false"});
    if (wanted) transaction.hold.push_back(want.name);
    if (held && (!wanted || !transaction.install.empty())) transaction.unhold.push_back(want.name);
  }

  static Decision hold_change(const Spec& want, const State& have) {
    const bool held = have.record->is_held();
    if (!want.hold || *want.hold == held) return {};
    Decision decision{Action::update, held ? "it is held" : "it is not held", {}, {}, {}};
    AptTransaction transaction;
    add_hold(want, have, decision, transaction);
    decision.steps.emplace_back(std::move(transaction));
    return decision;
  }

  /// All is as declared but for what dpkg had not yet done when it was stopped.
  static Decision finished_first(Decision decision, const State& have) {
    if (!have.interrupted) return decision;
    if (decision.action == Action::none) {
      decision.action = Action::update;
      decision.because = "dpkg was stopped in the middle of its work";
    }
    decision.steps.insert(decision.steps.begin(), finishing());
    return decision;
  }
  /// A step of its own, so that it is seen, and comes before anything that needs dpkg.
  static Step finishing() {
    AptTransaction finish;
    finish.configure_first = true;
    return finish;
  }

  static Decision removal(const Spec& want, const State& have) {
    const bool there = have.record && (have.record->is_installed() || have.record->is_broken());
    if (!there) return {};
    AptTransaction transaction;
    transaction.remove.push_back(want.name);
    if (have.record->is_held()) transaction.unhold.push_back(want.name);  // apt keeps what is held
    std::vector<Step> steps;
    if (have.interrupted || have.record->is_broken()) steps.push_back(finishing());
    steps.emplace_back(std::move(transaction));
    return {Action::remove,
            "it is declared absent",
            {{"version", have.record->version, std::nullopt}},
            std::move(steps),
            {}};
  }

  /// Whether apt has any index at all. An outdated one shows when apt cannot fetch what it names; apply then
  /// updates.
  static bool lists_are_missing(const HostReader& host) {
    const auto entries = host.list(lists_folder);
    return entries && std::none_of(entries->begin(), entries->end(), [](const DirectoryEntry& entry) {
             return entry.name.ends_with("Release");
           });
  }

  /// apt alone knows its candidate: sources, pins and architectures all count.
  static Result<std::string> newest(const std::string& name, const ProbeScope& scope) {
    const auto output = scope.host.query(
        {{"apt-cache", "policy", "--", name}, {}, Privilege::user, std::chrono::seconds(60)});
    if (!output) return output.error();
    for (const auto line : split_lines(output->out)) {
      const auto trimmed = trim(line);
      if (trimmed.starts_with("Candidate: ") && trimmed != "Candidate: (none)")
        return std::string(trimmed.substr(11));
    }
    return std::string();
  }
};

}  // namespace

Kind apt_package_kind() { return make_kind<AptPackage>(); }

}  // namespace mlenv
