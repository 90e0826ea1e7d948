#include <algorithm>

#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/lint.hpp"
#include "kinds/package_manager.hpp"
#include "resource/rpm_database.hpp"

namespace mlenv {
namespace {

using Verb = RpmTransaction::Verb;

bool is_rpm_version(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '+' || c == '~' || c == '^' || c == ':' || c == '-';
  };
  return !text.empty() && text[0] != '-' && std::all_of(text.begin(), text.end(), good);
}

struct RpmPackage {
  static constexpr KindText text = {
      "rpm_package", "A package of Fedora, RHEL, openSUSE and their like.",
      "What is installed is read from rpm's own database, as SQLite (Fedora, RHEL 9 and later) or ndb "
      "(SUSE); of the Berkeley DB of older releases the plan says that it cannot tell. All packages that can "
      "go together are installed by one call of dnf, yum or zypper, whichever the distribution has. What "
      "comes along with them is the manager's choice and is not shown beforehand. Without `version`, any "
      "installed version will do. `state: latest` means the newest version in what the manager has fetched "
      "last. `state: absent` removes the package, and what needs it. Versions of rpm packages are not "
      "locked.",
      "- rpm_package: [git, python3-devel]\n", Naming::many};

  struct Spec {
    std::string name;
    std::optional<std::string> version;
    Presence state = Presence::present;
    std::vector<std::string> programs = {};
    bool operator==(const Spec&) const = default;
  };
  struct State {
    std::vector<RpmRecord> records;
    std::string provided_by;
    std::string newer;    ///< of state: latest
    std::string manager;  ///< empty: none is there
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent", "latest"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name,
                "The package's name, with an architecture where it is a foreign one (`glibc.i686`).");
    fields.optional("version", &Spec::version,
                    "One exact version, with or without its release (`2.43.0`, `2.43.0-1.fc39`).", "any");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }

  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
    if (!is_rpm_name(spec.name))
      scope.diagnostics.error("rpm.name",
                              "expected the name of a package (letters, digits, `+`, `-`, `.`, `_`), found " +
                                  describe_type(name),
                              name.span);
    const auto* version = field_of(declaration, "version");
    if (spec.version && !is_rpm_version(*spec.version))
      scope.diagnostics.error(
          "rpm.version",
          "expected one exact version such as `2.43.0` or `2.43.0-1.fc39`, found `" + *spec.version + "`",
          version == nullptr ? name.span : version->span,
          "dnf and zypper take no comparison; `state: latest` is the newest");
    refuse_foreign_manager("rpm", name, declaration, scope);
    const auto manager = scope.facts == nullptr || scope.knowledge == nullptr
                             ? std::nullopt
                             : package_manager(*scope.facts, *scope.knowledge);
    spec.programs = manager && manager->kind == "rpm"
                        ? manager->programs
                        : std::vector<std::string>{"dnf5", "dnf", "yum", "zypper"};
  }

  static void links(Spec& spec, Resource& resource) {
    resource.offers.push_back({Capability::rpm_package, spec.name, {}});
  }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    const auto& database = rpm_database(scope);
    if (database.error) return *database.error;
    State state;
    state.records = database.packages.all(want.name);
    if (state.records.empty()) state.provided_by = database.packages.provider(want.name).value_or("");
    for (const auto& program : want.programs) {
      if (state.manager.empty() && find_program(scope.host, program)) state.manager = program;
    }
    if (want.state == Presence::latest && !state.records.empty() && !state.manager.empty()) {
      auto newer = newer_version(want.name, state.manager, scope);
      if (!newer) return newer.error();
      state.newer = std::move(*newer);
    }
    return state;
  }

  static std::string found(const State& have) {
    return have.records.empty() ? "absent" : have.records.back().full_version();
  }

  static Decision diff(const Spec& want, const State& have, const ProbeScope&) {
    auto decision = want.state == Presence::absent ? removal(want, have) : presence(want, have);
    if (decision.steps.empty() || !have.manager.empty()) return decision;
    return {Action::unknown, "none of `" + join(want.programs, "`, `") + "` is on this host", {}, {}, {}};
  }

 private:
  static Decision presence(const Spec& want, const State& have) {
    if (have.records.empty()) {
      if (!want.version && !have.provided_by.empty())
        return {Action::none, "provided by `" + have.provided_by + "`", {}, {}, {}};
      return change(want, have, Action::create, "it is not installed", Verb::install,
                    want.version.value_or("newest"));
    }
    if (want.version && std::none_of(have.records.begin(), have.records.end(),
                                     [&](const RpmRecord& each) { return is_version(each, *want.version); }))
      return change(want, have, Action::update, "its version does not fit", Verb::install, *want.version);
    if (!want.version && !have.newer.empty())
      return change(want, have, Action::update, "a newer version is there", Verb::upgrade, have.newer);
    return {};
  }

  static Decision removal(const Spec& want, const State& have) {
    if (have.records.empty()) return {};
    return change(want, have, Action::remove, "it is declared absent", Verb::remove, {});
  }

  static Decision change(const Spec& want, const State& have, Action action, std::string because, Verb verb,
                         const std::string& after) {
    const auto before = have.records.empty() ? std::nullopt : std::optional(found(have));
    RpmTransaction step{
        have.manager,
        verb,
        {{want.name, want.state == Presence::absent ? std::string() : want.version.value_or("")}}};
    return {action,
            std::move(because),
            {{"version", before, after.empty() ? std::nullopt : std::optional(after)}},
            {std::move(step)},
            {}};
  }

  /// A version without a release is that of any release, and without an epoch of any epoch.
  static bool is_version(const RpmRecord& record, const std::string& asked) {
    const auto colon = asked.find(':');
    const auto epoch = record.epoch.empty() ? "0" : record.epoch;
    if (colon != std::string::npos && asked.substr(0, colon) != epoch) return false;
    const auto rest = colon == std::string::npos ? asked : asked.substr(colon + 1);
    return rest == record.version || rest == record.version + "-" + record.release;
  }

  /// Of what the manager has fetched last; it alone knows its repositories and their priorities. Empty: none.
  static Result<std::string> newer_version(const std::string& name, const std::string& manager,
                                           const ProbeScope& scope) {
    const bool zypper = manager == "zypper";
    std::vector<std::string> argv = {manager, "-C", "-q", "check-update", name};
    if (zypper) argv = {manager, "--no-refresh", "--non-interactive", "--xmlout", "list-updates"};
    const auto output = scope.host.query({argv, {}, Privilege::user, std::chrono::seconds(60)});
    if (!output) return output.error();
    constexpr int updates_are_there = 100;  // dnf(8), check-update
    if (output->exit_code != 0 && (zypper || output->exit_code != updates_are_there))
      return Error{
          "rpm.no-metadata",
          "`" + manager + "` has not fetched what its repositories hold, so that the newest is not known",
          zypper ? "`zypper refresh` fetches it" : "`" + manager + " makecache` fetches it"};
    return zypper ? of_zypper(output->out, name) : of_dnf(output->out, name);
  }

  /// Lines `git.x86_64   2.43.1-1.fc39   updates`.
  static std::string of_dnf(const std::string& out, const std::string& name) {
    for (const auto line : split_lines(out)) {
      std::vector<std::string_view> words;
      for (const auto word : split(line, ' ')) {
        if (!trim(word).empty()) words.push_back(trim(word));
      }
      if (words.size() == 3 && (words[0] == name || words[0].substr(0, words[0].rfind('.')) == name))
        return std::string(words[1]);
    }
    return {};
  }

  /// Elements `<update kind="package" name="git" edition="2.43.1-1.1" …>`.
  static std::string of_zypper(const std::string& out, const std::string& name) {
    const auto at = out.find(" name=\"" + name + "\"");
    if (at == std::string::npos) return {};
    const auto element = out.substr(at, out.find('>', at) - at);
    const std::string attribute = " edition=\"";
    const auto begin = element.find(attribute);
    if (begin == std::string::npos) return {};
    const auto value = element.substr(begin + attribute.size());
    return value.substr(0, value.find('"'));
  }
};

}  // namespace

Kind rpm_package_kind() { return make_kind<RpmPackage>(); }

}  // namespace mlenv
