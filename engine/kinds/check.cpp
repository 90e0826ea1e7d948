#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/lint.hpp"

namespace mlenv {
namespace {

constexpr std::chrono::seconds default_limit{300};

/// How a check's program has to end.
struct Expectation {
  std::optional<FreeText> stdout_text;
  int exit = 0;
  bool operator==(const Expectation&) const = default;

  static void describe(Fields<Expectation>& fields) {
    fields.optional("stdout", &Expectation::stdout_text, "Text that its standard output must contain.");
    fields.optional("exit", &Expectation::exit, "Its exit code.", "0");
  }
};

struct Check {
  static constexpr KindText text = {"check", "A program that must succeed on a finished machine.",
                                    "Checks run as the target user at the end of an apply that changed "
                                    "something, and at every `verify`; they change "
                                    "nothing that mlenvctl knows of. Without `needs` a check comes after "
                                    "everything declared before it. Its output is "
                                    "shown when it fails. `state: absent` switches it off.",
                                    "- check: torch sees the GPU\n  venv: torch\n  python: |\n    import "
                                    "torch\n    assert torch.cuda.is_available()\n",
                                    Naming::one};

  struct Spec {
    std::string name;
    std::vector<std::string> run;
    std::optional<FreeText> shell;
    std::optional<FreeText> python;
    Ref<PythonEnv> venv;
    std::optional<Expectation> expect;
    std::chrono::seconds timeout = default_limit;
    Presence state = Presence::present;
    bool explicit_needs = false;
    bool operator==(const Spec&) const = default;
  };
  struct State {
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields) {
    fields.name(&Spec::name, "What is checked, in words.");
    fields.optional("run", &Spec::run, "The program and its arguments, passed on as they are.");
    fields.optional("shell", &Spec::shell, "A line for /bin/sh, where a pipe or a redirection is needed.");
    fields.optional("python", &Spec::python, "Python code, run by the interpreter of `venv`.");
    fields.optional("venv", &Spec::venv, "The venv whose programs are meant.");
    fields.nested("expect", &Spec::expect, "How the program has to end.");
    fields.optional("timeout", &Spec::timeout, "How long it may take.", "5 minutes");
  }
  static std::string resource_name(const Spec& spec) { return spec.name; }

  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
    spec.explicit_needs = !declaration.needs.empty();
    const int ways = (spec.run.empty() ? 0 : 1) + (spec.shell ? 1 : 0) + (spec.python ? 1 : 0);
    if (ways != 1) {
      scope.diagnostics.error("check.what", "`check` needs exactly one of `run`, `shell` and `python`",
                              name.span, "`run: [nvidia-smi]`");
    }
    if (spec.python && !spec.venv) {
      scope.diagnostics.error("check.venv", "`python` needs a `venv`: whose interpreter is to run it",
                              name.span);
    }
    if (spec.state != Presence::absent) lint_check(declaration, scope);
  }

  static void links(Spec& spec, Resource& resource) {
    if (spec.venv) {
      Want venv{Capability::python_env, Want::Match::named, {spec.venv.name}, Strength::hard, true,
                spec.venv.where};
      venv.take = [&spec](const Offer& offer) { spec.venv.target = std::get<PythonEnvPtr>(offer.value); };
      resource.wants.push_back(std::move(venv));
    }
    if (!spec.explicit_needs) {
      resource.wants.push_back({Capability::path, Want::Match::before});
    }
  }

  static Result<State> probe(const Spec&, const ProbeScope&) { return State{}; }

  static Decision diff(const Spec& want, const State&, const ProbeScope&) {
    if (want.state == Presence::absent) return {Action::none, "switched off", {}, {}, {}};
    RunCheck check;
    check.name = want.name;
    check.prefix = want.venv.target ? want.venv->prefix : "";
    check.argv = want.run;
    if (want.shell) check.argv = {"/bin/sh", "-c", want.shell->text};
    if (want.python) check.argv = {check.prefix + "/bin/python", "-c", want.python->text};
    check.limit = want.timeout;
    if (want.expect) {
      check.expect_exit = want.expect->exit;
      if (want.expect->stdout_text) check.expect_stdout = want.expect->stdout_text->text;
    }
    return {Action::none, "runs after changes and in `verify`", {}, {std::move(check)}, {}};
  }
};

}  // namespace

Kind check_kind() { return make_kind<Check>(); }

}  // namespace mlenv
