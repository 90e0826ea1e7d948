#include <algorithm>

#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/lint.hpp"
#include "kinds/paths.hpp"
#include "kinds/shell_file.hpp"
#include "kinds/shell_syntax.hpp"

namespace mlenv {
namespace {

constexpr const char* block_name = "env";

/// A file in which the variable stands, and in which language.
struct Target {
  std::string path;
  ShellSyntax syntax = ShellSyntax::posix;
  Privilege privilege = Privilege::user;
  bool operator==(const Target&) const = default;
};

bool is_name(const std::string& text) {
  const auto good = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::all_of(text.begin(), text.end(), good);
}

struct EnvVar {
  static constexpr KindText text = {
      "env_var", "An environment variable of the user, or of everybody.",
      "The variable is written into one fenced block of each file that the user's shells read: `~/.profile` "
      "and "
      "`~/.bashrc` (bash and sh), `~/.zshenv` (zsh), `~/.config/fish/conf.d/mlenvctl.fish` (fish), and into "
      "`~/.config/environment.d/60-mlenvctl.conf` for the desktop session. Bytes outside the block never "
      "change. The "
      "value arrives as written: nothing in it is expanded by a shell. `prepend` and `append` take folders "
      "for lists such "
      "as PATH; what is there stays, and a folder is never doubled. A line of the user's own that makes "
      "just this "
      "assignment serves in its file, and is left alone. It takes effect in shells that are opened "
      "afterwards.",
      "- env_var: ML_PATH\n  value: ~/ml\n- env_var: PATH\n  append: ~/.local/bin\n", Naming::one};

  struct Spec {
    std::string name;
    std::optional<FreeText> value;
    std::vector<HostPath> prepend;
    std::vector<HostPath> append;
    std::string scope = "user";
    std::vector<std::string> shells;
    std::vector<HostPath> files;
    std::string key;  ///< of the entry: two resources may extend one variable under different `id`s
    Presence state = Presence::present;
    bool operator==(const Spec&) const = default;
  };
  /// Per target: the text of the file's block entry.
  struct State {
    std::vector<Target> targets;
    std::vector<std::optional<std::string>> found;
    std::vector<bool> by_hand;           ///< the user's own lines say it
    std::vector<std::string> elsewhere;  ///< FILE:LINE of other assignments
    std::optional<Error> broken;
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name, "The variable's name.");
    fields.optional("value", &Spec::value, "What it is set to; a leading ~ is the user's home.");
    fields.optional("prepend", &Spec::prepend, "Folders to put before those it holds.");
    fields.optional("append", &Spec::append, "Folders to put behind those it holds.");
    fields.choice("scope", &Spec::scope, {"user", "system"}, "For the target user, or for everybody.",
                  "user");
    fields.optional("shells", &Spec::shells, "bash, zsh, fish, sh: whose files are written.",
                    "the login shell and those whose files are there");
    fields.optional(
        "files", &Spec::files,
        "The start-up files to write, in place of those of `shells`; FILE.fish for fish, FILE.conf "
        "for environment.d.",
        "those of the shells");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }

  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
    spec.key = declaration.id && declaration.id->is_scalar() ? declaration.id->text : spec.name;
    std::replace(spec.key.begin(), spec.key.end(), ' ', '-');
    if (!is_name(spec.name)) {
      scope.diagnostics.error(
          "env.name",
          "expected the name of a variable (letters, digits and `_`), found " + describe_type(name),
          name.span);
    }
    expand_home(spec, scope);
    check_shells(spec, declaration, scope);
    if (!spec.shells.empty() && !spec.files.empty())
      scope.diagnostics.error("env.files", "`shells` and `files` exclude each other", name.span);
    const int ways = (spec.value ? 1 : 0) + (spec.prepend.empty() ? 0 : 1) + (spec.append.empty() ? 0 : 1);
    if (spec.state == Presence::absent) return;
    if (ways != 1) {
      scope.diagnostics.error("env.value", "`env_var` needs exactly one of `value`, `prepend` and `append`",
                              name.span);
      spec.value = FreeText{};
    }
    lint(spec, declaration, scope);
  }

  static Result<State> probe(const Spec& want, const ProbeScope& scope) {
    State state;
    state.targets = targets_of(want, scope);
    for (const auto& target : state.targets) {
      const auto& file = shell_file(target.path, block_name, scope);
      if (!file) return file.error();
      if (file->broken) {
        state.broken = file->broken;
        return state;
      }
      state.found.push_back(file->entry(want.key));
      if (!state.found.back() && file->untold.count(want.name) != 0)
        return Error{"host.left-out", std::string(left_out_reason), {}};
      state.by_hand.push_back(want.state != Presence::absent && target.syntax == ShellSyntax::posix &&
                              !state.found.back() && file->assigns(assignment(want)));
      if (want.value && !state.by_hand.back()) note_elsewhere(want, target, *file, state);
    }
    return state;
  }

  static Decision diff(const Spec& want, const State& have, const ProbeScope&) {
    Decision decision;
    if (have.broken) {
      decision = {Action::manual, have.broken->message, {}, {}, {}};
      decision.findings.push_back({have.broken->code, have.broken->message, have.broken->hint});
      return decision;
    }
    bool anywhere = false;
    for (std::size_t i = 0; i < have.targets.size(); ++i) {
      const auto& target = have.targets[i];
      const auto wanted =
          want.state == Presence::absent ? std::string() : assignment_text(assignment(want), target.syntax);
      anywhere = anywhere || have.found[i];
      if (have.found[i].value_or("") == wanted || have.by_hand[i]) continue;
      EditBlock edit{target.path, block_name, {}, {}, target.privilege};
      if (wanted.empty()) {
        edit.remove.push_back(want.key);
      } else {
        edit.set.push_back({want.key, wanted, assignment(want)});
      }
      decision.differences.push_back(
          {target.path, have.found[i], wanted.empty() ? std::nullopt : std::optional(wanted)});
      decision.steps.emplace_back(std::move(edit));
    }
    for (const auto& place : have.elsewhere) {
      decision.findings.push_back({"env.assigned-elsewhere",
                                   "`" + want.name + "` is also assigned at " + place,
                                   "remove that line, or this resource"});
    }
    if (decision.differences.empty()) return decision;
    decision.action = want.state == Presence::absent ? Action::remove
                      : anywhere                     ? Action::update
                                                     : Action::create;
    decision.because = want.state == Presence::absent ? "it is declared absent"
                       : anywhere                     ? "it is set otherwise, or not in every file"
                                                      : "it is not set";
    if (want.state != Presence::absent) note_session(want, decision);
    return decision;
  }

 private:
  static Assignment assignment(const Spec& want) {
    Assignment made{want.name, Assignment::How::value, {}};
    if (want.value) {
      made.values.push_back(want.value->text);
      return made;
    }
    made.how = want.prepend.empty() ? Assignment::How::append : Assignment::How::prepend;
    for (const auto& path : want.prepend.empty() ? want.append : want.prepend)
      made.values.push_back(path.text);
    return made;
  }

  static void expand_home(Spec& spec, const DecodeScope& scope) {
    if (!spec.value) return;
    auto& value = spec.value->text;
    if (value == "~" || value.starts_with("~/")) value = scope.user.home + value.substr(1);
  }

  static void check_shells(const Spec& spec, const Declaration& declaration, DecodeScope& scope) {
    const std::vector<std::string> known = {"bash", "zsh", "fish", "sh"};
    for (const auto& shell : spec.shells) {
      if (std::find(known.begin(), known.end(), shell) != known.end()) continue;
      const auto near = nearest_word(shell, known);
      scope.diagnostics.error("env.shell", "expected `bash`, `zsh`, `fish` or `sh`, found `" + shell + "`",
                              declaration.where,
                              near ? std::optional("did you mean `" + *near + "`?") : std::nullopt);
    }
  }

  static void lint(const Spec& spec, const Declaration& declaration, DecodeScope& scope) {
    const auto* value = field_of(declaration, "value");
    if (!spec.value || value == nullptr) return;
    const bool path = spec.name == "PATH";
    const auto say = [&](const char* code, std::string message, std::string hint) {
      scope.diagnostics.report({path ? Severity::error : Severity::warning,
                                code,
                                std::move(message),
                                value->span,
                                {},
                                std::move(hint)});
    };
    if (refers_to(spec.value->text, spec.name)) {
      say("lint.not-expanded", "`$" + spec.name + "` arrives as it is written; no shell expands it",
          "`append:` or `prepend:` keeps what is there");
    } else if (path) {
      say("lint.path-assigned", "assigning `PATH` loses every folder that is in it",
          "`append: " + value->text + "` adds to it");
    } else if (is_path_list(spec.name)) {
      say("lint.path-assigned", "assigning `" + spec.name + "` loses what is in it",
          "`append:` or `prepend:` adds to it");
    }
  }

  /// Lines outside the block that set the variable too: the last one a shell reads wins.
  static void note_elsewhere(const Spec& want, const Target& target, const ShellFile& file, State& state) {
    const auto found = file.assigned.find(want.name);
    if (found == file.assigned.end()) return;
    for (const auto line : found->second) state.elsewhere.push_back(target.path + ":" + std::to_string(line));
  }

  static void note_session(const Spec& want, Decision& decision) {
    if (want.value && want.value->text.find('\n') != std::string::npos) {
      decision.findings.push_back(
          {"env.not-in-session",
           "a value of several lines cannot be given to the desktop session (environment.d)",
           "shells see it; programs started from the desktop do not"});
    }
  }

  static Target named_target(const std::string& path, const ProbeScope& scope) {
    const auto syntax = path.ends_with(".fish")   ? ShellSyntax::fish
                        : path.ends_with(".conf") ? ShellSyntax::environment_d
                                                  : ShellSyntax::posix;
    return {path, syntax, privilege_for(path, scope.facts.user)};
  }

  static std::vector<Target> targets_of(const Spec& want, const ProbeScope& scope) {
    if (!want.files.empty()) {
      std::vector<Target> targets;
      for (const auto& file : want.files) targets.push_back(named_target(file.text, scope));
      return targets;
    }
    return want.scope == "system" ? system_targets(scope.host) : user_targets(want, scope);
  }

  static std::vector<Target> system_targets(const HostReader& host) {
    std::vector<Target> targets = {{"/etc/profile.d/mlenvctl.sh", ShellSyntax::posix, Privilege::root}};
    if (exists(host, "/etc/bash.bashrc"))
      targets.push_back({"/etc/bash.bashrc", ShellSyntax::posix, Privilege::root});
    if (exists(host, "/etc/zsh")) targets.push_back({"/etc/zsh/zshenv", ShellSyntax::posix, Privilege::root});
    if (exists(host, "/etc/fish"))
      targets.push_back({"/etc/fish/conf.d/mlenvctl.fish", ShellSyntax::fish, Privilege::root});
    targets.push_back({"/etc/environment.d/60-mlenvctl.conf", ShellSyntax::environment_d, Privilege::root});
    return targets;
  }

  static std::vector<Target> user_targets(const Spec& want, const ProbeScope& scope) {
    const auto& user = scope.facts.user;
    const auto there = [&](const char* name) { return exists(scope.host, join_path(user.home, name)); };
    const auto wanted = [&](const std::string& shell, bool files) {
      if (!want.shells.empty())
        return std::find(want.shells.begin(), want.shells.end(), shell) != want.shells.end();
      return files || user.shell.ends_with("/" + shell);
    };
    std::vector<std::string> posix;
    const bool bash = wanted("bash", there(".bashrc"));
    if (bash) posix.emplace_back(".bashrc");
    if (bash || wanted("sh", there(".profile")) || wanted("dash", false)) posix.emplace_back(".profile");
    // bash reads only the first of these at login, and then not .profile.
    if (bash && there(".bash_profile")) posix.emplace_back(".bash_profile");
    if (bash && there(".bash_login")) posix.emplace_back(".bash_login");
    if (wanted("zsh", there(".zshrc") || there(".zshenv"))) posix.emplace_back(".zshenv");
    std::vector<Target> targets;
    for (const auto& name : posix)
      targets.push_back({join_path(user.home, name), ShellSyntax::posix, Privilege::user});
    if (wanted("fish", there(".config/fish"))) {
      targets.push_back(
          {join_path(user.home, ".config/fish/conf.d/mlenvctl.fish"), ShellSyntax::fish, Privilege::user});
    }
    targets.push_back({join_path(user.home, ".config/environment.d/60-mlenvctl.conf"),
                       ShellSyntax::environment_d, Privilege::user});
    return targets;
  }
};

}  // namespace

Kind env_var_kind() { return make_kind<EnvVar>(); }

}  // namespace mlenv
