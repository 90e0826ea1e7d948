#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "host/json_text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/lint.hpp"
#include "kinds/python_environment.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

/// The kernelspec by which Jupyter starts a venv's Python.
struct JupyterKernel {
  static constexpr KindText text = {
      "jupyter_kernel", "A Jupyter kernel that runs a venv's Python.",
      "The kernelspec is written as `ipykernel install` does it: to `~/.local/share/jupyter/kernels/NAME`, "
      "or with\n"
      "`scope: system` to `/usr/local/share/jupyter/kernels/NAME`. Keys of `kernel.json` that are not "
      "declared stay as\n"
      "they are, so that own settings survive. The venv needs the package `ipykernel` (`jupyter`, `notebook` "
      "and\n"
      "`jupyterlab` bring it).\n"
      "\n"
      "`env` is what the kernel finds in its environment: Jupyter's own services do not read `.bashrc`.",
      "- jupyter_kernel: torch\n"
      "  venv: torch\n"
      "  display_name: PyTorch 1.7.1\n"};

  struct Spec {
    std::string name;
    Ref<PythonEnv> venv;
    std::optional<std::string> display_name;
    std::map<std::string, std::string> env;
    std::string scope = "user";
    Presence state = Presence::present;
    std::string home;                           ///< of the target user
    bool ipykernel_declared = false;            ///< by a pip package of the recipe
    bool operator==(const Spec& other) const {  // what the recipe around it says is not the declaration's
      return name == other.name && venv == other.venv && display_name == other.display_name &&
             env == other.env && scope == other.scope && state == other.state;
    }
  };

  struct State {
    bool folder = false;                 ///< is there
    std::optional<std::string> file;     ///< text of kernel.json
    Json spec;                           ///< its content; null when it cannot be read as JSON
    bool interpreter_runs = false;       ///< argv[0] leads to a program
    bool ipykernel = false;              ///< the venv has it, or will
    std::vector<std::string> strangers;  ///< entries of the folder that no kernelspec has
    bool operator==(const State&) const = default;
  };

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields);
  static std::string resource_name(const Spec& spec) { return spec.name; }
  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope);
  static void links(Spec& spec, Resource& resource);
  static Result<State> probe(const Spec& spec, const ProbeScope& scope);
  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope);
};

void JupyterKernel::describe(Fields<Spec>& fields) {
  fields.name(&Spec::name, "the kernel's name: letters, digits, `.`, `_` and `-`");
  fields.required("venv", &Spec::venv, "the venv whose Python it runs");
  fields.optional("display_name", &Spec::display_name, "what Jupyter shows", "Python (NAME)");
  fields.optional("env", &Spec::env, "variables that the kernel is started with");
  fields.choice("scope", &Spec::scope, {"user", "system"},
                "for the target user, or for all users of the machine", "user");
}

bool is_kernel_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

void JupyterKernel::inspect(Spec& spec, const Node& name, const Declaration& declaration,
                            DecodeScope& scope) {
  if (spec.state != Presence::absent) lint_kernel(declaration, scope);
  spec.home = scope.user.home;
  const bool symbolic = scope.facts == nullptr && spec.name.find("<facts.") != std::string::npos;
  const bool good = std::all_of(spec.name.begin(), spec.name.end(), is_kernel_character) &&
                    spec.name != "." && spec.name != ".." && !spec.name.starts_with("-");
  if (good || symbolic) return;
  scope.diagnostics.error(
      "recipe.value",
      "the name of a Jupyter kernel holds letters, digits, `.`, `_` and `-`, found `" + spec.name + "`",
      name.span, "`display_name` may be any text");
}

/// Where the kernelspec lies. Jupyter takes kernel names without regard to case and writes them in lower
/// case.
std::string kernel_folder(const JupyterKernel::Spec& spec) {
  const auto share =
      spec.scope == "system" ? std::string("/usr/local/share") : join_path(spec.home, ".local/share");
  return share + "/jupyter/kernels/" + to_lower(spec.name);
}

void JupyterKernel::links(Spec& spec, Resource& resource) {
  resource.offers.push_back({Capability::path, kernel_folder(spec)});
  Want venv{Capability::python_env, Want::Match::named, {spec.venv.name}, Strength::hard, true,
            spec.venv.where};
  venv.take = [&spec](const Offer& offer) {
    if (const auto* env = std::get_if<PythonEnvPtr>(&offer.value)) spec.venv.target = *env;
  };
  if (spec.venv) resource.wants.push_back(std::move(venv));
  Want ipykernel{Capability::pip_package, Want::Match::named};
  for (const char* name : {"ipykernel", "jupyter", "notebook", "jupyterlab", "jupyter-console"}) {
    ipykernel.names.push_back(spec.venv.name + "/" + name);
  }
  ipykernel.take = [&spec](const Offer&) { spec.ipykernel_declared = true; };
  resource.wants.push_back(std::move(ipykernel));
  resource.wants.push_back({Capability::path, Want::Match::above, {kernel_folder(spec)}});
}

/// The program of `argv`; empty when there is none.
std::string interpreter_of(const Json& spec) {
  if (!spec.is_object() || !spec.contains("argv")) return {};
  const auto& argv = spec["argv"];
  return argv.is_array() && !argv.empty() && argv[0].is_string() ? argv[0].get<std::string>() : std::string();
}

bool is_part_of_kernelspec(const std::string& name) {
  return name == "kernel.json" || name == "kernel.js" || name == "kernel.css" || name.starts_with("logo-");
}

Result<JupyterKernel::State> JupyterKernel::probe(const Spec& spec, const ProbeScope& scope) {
  if (!spec.venv.target) return Error{"jupyter.no-venv", "its venv is not declared", {}};
  State state;
  const auto folder = kernel_folder(spec);
  state.folder = exists(scope.host, folder);
  const auto file = scope.host.read_file(join_path(folder, "kernel.json"));
  if (!file) return file.error();
  state.file = *file;
  if (state.file) state.spec = parse_json(*state.file);
  if (!state.spec.is_object()) state.spec = nullptr;
  const auto interpreter = interpreter_of(state.spec);
  state.interpreter_runs = interpreter.starts_with("/") ? exists(scope.host, interpreter)
                                                        : find_program(scope.host, interpreter).has_value();
  const auto& environment = venv_environment(*spec.venv, scope);
  if (!environment) return environment.error();
  const bool coming = environment->standing == EnvironmentState::Standing::coming;
  state.ipykernel = environment->find("ipykernel") != nullptr || spec.ipykernel_declared;
  if (coming)
    state.interpreter_runs = state.interpreter_runs || interpreter == spec.venv->prefix + "/bin/python";
  const auto entries = scope.host.list(folder);
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (!is_part_of_kernelspec(entry.name)) state.strangers.push_back(entry.name);
  }
  return state;
}

/// Whether `argv` starts an IPython kernel in the usual way; then what else it says is the user's.
bool starts_ipykernel(const Json& argv) {
  if (!argv.is_array() || argv.empty()) return false;
  const auto has = [&](const char* word) {
    return std::find(argv.begin(), argv.end(), Json(word)) != argv.end();
  };
  return (has("ipykernel_launcher") || has("ipykernel")) && has("{connection_file}");
}

/// `bin/python`, `bin/python3` and `bin/python3.11` of a venv are one interpreter.
bool is_python_of(const PythonEnv& venv, const std::string& program) {
  const auto begin = venv.prefix + "/bin/python";
  if (!program.starts_with(begin)) return false;
  return program.find_first_not_of("0123456789.", begin.size()) == std::string::npos;
}

/// kernel.json as it is to be: what is there, with what is declared put in.
Json wanted_spec(const JupyterKernel::Spec& want, const JupyterKernel::State& have) {
  Json spec = have.spec.is_object() ? have.spec : Json::object();
  const auto python = want.venv->prefix + "/bin/python";
  auto& argv = spec["argv"];
  if (starts_ipykernel(argv)) {
    const bool serves = have.interpreter_runs && is_python_of(*want.venv, interpreter_of(spec));
    if (!serves) argv[0] = python;
  } else {
    argv = {python, "-m", "ipykernel_launcher", "-f", "{connection_file}"};
  }
  const bool named = spec.contains("display_name") && spec["display_name"].is_string();
  if (want.display_name || !named)
    spec["display_name"] = want.display_name.value_or("Python (" + want.name + ")");
  if (!spec.contains("language")) spec["language"] = "python";
  if (!spec.contains("metadata")) spec["metadata"] = {{"debugger", true}};
  if (want.env.empty()) return spec;
  if (!spec.contains("env") || !spec["env"].is_object()) spec["env"] = Json::object();
  for (const auto& [name, value] : want.env) spec["env"][name] = value;
  return spec;
}

std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void compare(std::vector<Difference>& differences, const std::string& prefix, const Json& before,
             const Json& after) {
  for (const auto& [key, value] : after.items()) {
    const auto found = before.is_object() ? before.find(key) : before.end();
    const bool there = before.is_object() && found != before.end();
    if (there && *found == value) continue;
    if (key == "env" && value.is_object()) {
      compare(differences, "env.", there ? *found : Json(), value);
    } else {
      differences.push_back(
          {prefix + key, there ? std::optional(shown(*found)) : std::nullopt, shown(value)});
    }
  }
}

std::string reason_for(const JupyterKernel::Spec& want, const JupyterKernel::State& have) {
  if (!have.file) return "there is no such kernel yet";
  if (have.spec.is_null()) return "its kernel.json cannot be read as JSON";
  const auto interpreter = interpreter_of(have.spec);
  if (interpreter.empty()) return "its kernel.json names no program";
  if (is_python_of(*want.venv, interpreter)) return "its kernel.json is not as declared";
  if (!have.interpreter_runs) return "its interpreter is gone: " + interpreter;
  return "it runs " + interpreter + ", wanted is the venv at " + want.venv->prefix;
}

Privilege privilege_of(const JupyterKernel::Spec& spec) {
  return spec.scope == "system" ? Privilege::root : Privilege::user;
}

Decision hands_off(const JupyterKernel::Spec& want, std::string because, std::string remedy) {
  Decision decision{Action::manual, std::move(because), {}, {}, {}};
  decision.findings.push_back(
      {"jupyter.not-ours", "`" + kernel_folder(want) + "`: " + decision.because, std::move(remedy)});
  return decision;
}

Decision diff_absent(const JupyterKernel::Spec& want, const JupyterKernel::State& have) {
  if (!have.file) return {};
  const auto folder = kernel_folder(want);
  const auto interpreter = interpreter_of(have.spec);
  if (!interpreter.starts_with(want.venv->prefix + "/")) {
    return hands_off(
        want,
        interpreter.empty() ? "its kernel.json names no program of the venv"
                            : "it runs " + interpreter + ", which is not of the declared venv",
        "remove it by hand when it is not needed: `jupyter kernelspec remove " + to_lower(want.name) + "`");
  }
  const bool whole = have.strangers.empty();
  Decision decision{Action::remove, "declared absent", {{"path", folder, std::nullopt}}, {}, {}};
  decision.steps.push_back(RemovePath{whole ? folder : folder + "/kernel.json", whole, privilege_of(want)});
  return decision;
}

Decision JupyterKernel::diff(const Spec& want, const State& have, const ProbeScope&) {
  if (want.state == Presence::absent) return diff_absent(want, have);
  const auto language =
      have.spec.is_object() && have.spec.contains("language") ? shown(have.spec["language"]) : "python";
  if (to_lower(language) != "python") {
    return hands_off(want, "a kernel of the language " + language + " has this name",
                     "give the kernel another name");
  }
  Decision decision;
  const auto spec = wanted_spec(want, have);
  if (!have.ipykernel) {
    decision.findings.push_back({"jupyter.no-ipykernel",
                                 "the kernel `" + want.name + "` will not start: its venv has no ipykernel",
                                 "declare `pip_package: ipykernel` with `venv: " + want.venv.name + "`"});
  }
  if (have.file && have.spec == spec) return decision;
  decision.action = have.file ? Action::update : Action::create;
  decision.because = reason_for(want, have);
  compare(decision.differences, "", have.spec, spec);
  const auto folder = kernel_folder(want);
  if (!have.folder) decision.steps.push_back(MakeDirectory{folder, std::nullopt, {}, privilege_of(want)});
  decision.steps.push_back(WriteFile{folder + "/kernel.json",
                                     spec.dump(1, ' ', false, Json::error_handler_t::replace) + "\n",
                                     std::nullopt,
                                     {},
                                     privilege_of(want)});
  return decision;
}

}  // namespace

Kind jupyter_kernel_kind() { return make_kind<JupyterKernel>(); }

}  // namespace mlenv
