#include "base/text.hpp"
#include "kinds/kinds.hpp"
#include "kinds/venv_decision.hpp"
#include "resource/python_wish.hpp"

namespace mlenv {
namespace {

/// A Python virtual environment.
struct Venv {
  static constexpr KindText text = {"venv", "A Python virtual environment.",
                                    "It is built beside its place and swapped in when it is whole, so that a "
                                    "killed run never leaves half a venv.\n"
                                    "`python` is a specifier (`>=3.6,<3.9`), a version (`3.8`), a name "
                                    "(`python3.8`) or the path of an interpreter;\n"
                                    "without it `python3` is taken. One that no longer starts, as after an "
                                    "upgrade of the system, or that has\n"
                                    "another Python than declared is made anew, and its packages with it. "
                                    "Changing `system_site_packages` keeps the\n"
                                    "packages.\n"
                                    "\n"
                                    "A folder that is no venv is never touched. A venv that mlenvctl did not "
                                    "make is used as it is; where it would\n"
                                    "have to be made anew or removed, a person is asked to do that.\n"
                                    "\n"
                                    "`installer` says what builds it and installs packages into it: `auto` "
                                    "takes uv where it is installed and\n"
                                    "nothing is configured for pip, else pip.",
                                    "- venv: torch\n"
                                    "  path: ~/ml/torch\n"
                                    "  python: \">=3.6,<3.9\"\n"
                                    "  system_site_packages: true\n"
                                    "  pip: latest\n"};

  using Spec = VenvSpec;
  using State = VenvState;

  static std::string found(const State& have) {
    if (have.place == VenvPlace::absent) return "absent";
    return have.version.empty() ? "something without a pyvenv.cfg" : "Python " + have.version;
  }

  static std::vector<std::string> states() { return {"present", "absent"}; }
  static void describe(Fields<Spec>& fields);
  static std::string resource_name(const Spec& spec) { return spec.name; }
  static void inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope);
  static void links(Spec& spec, Resource& resource);
  static Result<State> probe(const Spec& spec, const ProbeScope& scope);
  static Decision diff(const Spec& want, const State& have, const ProbeScope& scope) {
    return decide_venv(want, have, scope);
  }
};

void Venv::describe(Fields<Spec>& fields) {
  fields.name(&Spec::name, "the name by which packages, kernels and checks refer to it");
  fields.required("path", &Spec::path, "the folder of the venv");
  fields.optional("python", &Spec::python,
                  "the Python to make it with: a specifier, a version or an interpreter",
                  "what `python3` is");
  fields.optional("system_site_packages", &Spec::system_site_packages, "see the system's Python packages too",
                  "false");
  fields.optional("pip", &Spec::pip, "the version of pip in it: a specifier, or `latest`",
                  "what the Python brings");
  fields.choice("installer", &Spec::installer, {"auto", "pip", "uv"},
                "what builds it and installs packages into it", "auto");
}

const Span& place_of(const Declaration& declaration, std::string_view field) {
  for (const auto& [key, value] : declaration.body) {
    if (key.text == field) return value.span;
  }
  return declaration.where;
}

void Venv::inspect(Spec& spec, const Node& name, const Declaration& declaration, DecodeScope& scope) {
  if (spec.name.find_first_of("/ \t") != std::string::npos || spec.name == "user") {
    scope.diagnostics.error(
        "recipe.value",
        "the name of a venv holds no `/` and no spaces and is not `user`, found `" + spec.name + "`",
        name.span);
  }
  const auto symbolic = [&](const std::string& text) {
    return scope.facts == nullptr && text.find("<facts.") != std::string::npos;
  };
  if (spec.python.starts_with("~/")) spec.python = join_path(scope.user.home, spec.python.substr(2));
  if (!symbolic(spec.python) && !PythonWish::parse(spec.python)) {
    scope.diagnostics.error("recipe.value",
                            "expected a Python such as `>=3.6,<3.9`, `3.8`, `python3.8` or the path of an "
                            "interpreter, found `" +
                                spec.python + "`",
                            place_of(declaration, "python"));
  }
  if (!spec.pip.empty() && spec.pip != "latest" && !symbolic(spec.pip) && !pip_specifiers(spec.pip)) {
    scope.diagnostics.error("recipe.value",
                            "expected a specifier such as `>=22` or `latest`, found `" + spec.pip + "`",
                            place_of(declaration, "pip"));
  }
}

/// What Debian's archives, and those of older and newer Pythons beside them, bring Pythons as.
std::vector<std::string> python_packages() {
  std::vector<std::string> names = {
      "python3", "python3-venv", "python3-pip", "python3-virtualenv", "python3-full", "uv"};
  constexpr int oldest = 5, newest = 20;
  for (int minor = oldest; minor <= newest; ++minor) {
    const auto name = "python3." + std::to_string(minor);
    for (const char* suffix : {"", "-venv", "-full", "-distutils", "-dev"}) names.push_back(name + suffix);
  }
  return names;
}

void Venv::links(Spec& spec, Resource& resource) {
  PythonEnv env;
  env.address = resource.address.str();
  env.prefix = spec.path.text;
  env.python = spec.python;
  env.system_site_packages = spec.system_site_packages;
  env.installer = spec.installer;
  env.versions = std::make_shared<std::vector<DeclaredVersion>>();
  resource.offers.push_back(
      {Capability::python_env, spec.name, std::make_shared<const PythonEnv>(std::move(env))});
  resource.offers.push_back({Capability::path, spec.path.text});
  Want packages{Capability::apt_package, Want::Match::named, python_packages()};
  packages.take = [&spec](const Offer& offer) { spec.python_packages.push_back(offer.name); };
  resource.wants.push_back(std::move(packages));
  resource.wants.push_back({Capability::path, Want::Match::above, {spec.path.text}});
}

Result<VenvPlace> place_at(const std::string& path, const ProbeScope& scope, std::string& config) {
  const auto stat = scope.host.stat(path, Links::follow);
  if (!stat) return stat.error();
  if (!*stat) {
    const auto link = scope.host.read_link(path);
    return link && *link ? VenvPlace::foreign : VenvPlace::absent;
  }
  if ((*stat)->type != FileType::directory) return VenvPlace::foreign;
  const auto text = scope.host.read_file(venv_config_path(path));
  if (!text) return text.error();
  if (*text) config = **text;
  if (*text) return VenvPlace::venv;
  const auto entries = scope.host.list(path);
  if (!entries) return entries.error();
  return entries->empty() ? VenvPlace::empty : VenvPlace::foreign;
}

/// The folders that a run has for its own time alone: a venv in the making or on its way out, and pip's
/// scratch.
std::vector<std::string> passing_folders(const std::string& path, const ProbeScope& scope) {
  std::vector<std::string> found;
  for (const char* end : {".mlenvctl-new", ".mlenvctl-old", ".mlenvctl-tmp", "/.mlenvctl-tmp"}) {
    if (exists(scope.host, path + end)) found.push_back(path + end);
  }
  return found;
}

Result<VenvState> Venv::probe(const Spec& spec, const ProbeScope& scope) {
  State state;
  const auto& path = spec.path.text;
  state.left = passing_folders(path, scope);
  const auto place = place_at(path, scope, state.config);
  if (!place) return place.error();
  state.place = *place;
  const auto marker = read_marker(scope.host, marker_path(path, {}));
  if (!marker) return marker.error();
  state.made = *marker && (*marker)->made;
  if (state.place == VenvPlace::foreign && state.made)
    state.place = VenvPlace::venv;  // its pyvenv.cfg is gone
  if (state.place != VenvPlace::venv) return state;
  const auto config = parse_venv_config(state.config);
  state.version = config.version;
  state.system_site_packages = config.system_site_packages;
  state.interpreter = resolve_links(scope.host, path + "/bin/python").value_or("");
  const auto own =
      read_all_distributions(scope.host, own_site_folders(scope.host, path, python_minor(state.version)));
  if (!own) return own.error();
  const auto pip = own->find("pip");
  if (pip != own->end()) state.pip = pip->second.version;
  if (*marker && (*marker)->latest.count("pip") != 0) state.newest_pip = (*marker)->latest.at("pip");
  return state;
}

}  // namespace

Kind venv_kind() { return make_kind<Venv>(); }

}  // namespace mlenv
