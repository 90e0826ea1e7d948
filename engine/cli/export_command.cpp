#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/declared_host.hpp"
#include "cli/exit_code.hpp"
#include "cli/load_recipe.hpp"
#include "cli/planning.hpp"
#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "export/recipe_export.hpp"
#include "plan/make_plan.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

ExportFormat format_of(const std::string& name) {
  if (name == "devcontainer") return ExportFormat::devcontainer;
  if (name == "cloud-init") return ExportFormat::cloud_init;
  return name == "shell" ? ExportFormat::shell : ExportFormat::dockerfile;
}

/// The command line that makes it again; the values of variables may be secrets.
std::string command_of(const Arguments& arguments) {
  std::vector<std::string> words = {"mlenvctl", "export"};
  for (const auto& recipe : arguments.recipes) words.push_back(recipe.substr(recipe.rfind('/') + 1));
  words.insert(words.end(), {"--format", arguments.export_format});
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {option, value});
  };
  add("--base", arguments.base);
  add("--os", arguments.os);
  add("--arch", arguments.arch);
  for (const auto& gpu : arguments.gpus) add("--gpu", gpu);
  add("--user", arguments.user);
  for (const auto& target : arguments.targets) add("--target", target);
  auto text = shell_words(words);
  for (const auto& [name, value] : arguments.variables) text += " --var " + name + "=…";
  return text;
}

// ── what must not come into a file ──

void report_environment(const Node& node, Diagnostics& diagnostics) {
  if (node.from_environment)
    diagnostics.error("export.secret",
                      "this is a value of the environment, and everybody who has the file could read it",
                      node.span, "let the machine bring it, or name what is no secret by `vars:` or `--var`");
  for (const auto& item : node.items) report_environment(item, diagnostics);
  for (const auto& [key, value] : node.entries) report_environment(value, diagnostics);
}

void report_environment(const Recipe& recipe, Diagnostics& diagnostics) {
  for (const auto& declaration : recipe.declarations) {
    report_environment(declaration.name, diagnostics);
    for (const auto& [key, value] : declaration.body) report_environment(value, diagnostics);
  }
}

/// What only the machine where it runs can tell is left to it; what it cannot be is an error.
std::vector<std::string> report_requirements(const Recipe& recipe, const Facts& facts,
                                             Diagnostics& diagnostics) {
  std::vector<std::string> open;
  for (const auto& answer : unmet_requirements(recipe, facts)) {
    const auto asked = "`" + answer.subject + ": " + answer.asked + "`";
    if (answer.truth == Truth::unknown) {
      open.push_back(asked);
    } else {
      diagnostics.error("requires.unmet",
                        "the requirement " + asked + " is not met: what is exported for has " + answer.found,
                        answer.where, "`--os ID-VERSION`, `--arch` and `--gpu CC` name another machine");
    }
  }
  return open;
}

// ── the driver ──

/// `cuda-toolkit-11-0` -> 11.0, `torch==1.7.1+cu110` -> 11.0; empty for all else.
std::string cuda_of_name(const std::string& name) {
  const auto digits = [](const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (name.starts_with("cuda-")) {
    const auto parts = split(name, '-');
    if (parts.size() < 3) return {};
    const std::string major(parts[parts.size() - 2]), minor(parts.back());
    return digits(major) && digits(minor) ? major + "." + minor : std::string();
  }
  const auto at = name.find("+cu");
  if (at == std::string::npos) return {};
  const auto tag = name.substr(at + 3);
  return digits(tag) && tag.size() > 2 ? tag.substr(0, tag.size() - 1) + "." + tag.back() : std::string();
}

std::string newest_cuda(const Plan& plan) {
  std::optional<DottedVersion> newest;
  std::string text;
  const auto note = [&](const std::string& name) {
    const auto cuda = cuda_of_name(name);
    const auto version = DottedVersion::parse(cuda);
    if (cuda.empty() || !version || (newest && !(*newest < *version))) return;
    newest = version;
    text = cuda;
  };
  for (const auto& planned : plan.steps) {
    if (const auto* apt = std::get_if<AptTransaction>(&planned.step)) {
      for (const auto& item : apt->install) note(item.name);
    }
    if (const auto* pip = std::get_if<PipInstall>(&planned.step)) {
      for (const auto& each : pip->requirements) note(each);
    }
  }
  return text;
}

/// Of the toolkit's first release; where that is not known, the branch that runs it.
std::string least_driver(const std::string& cuda, const Knowledge& knowledge) {
  const Row* release = knowledge.find("cuda_releases", "toolkit", cuda);
  if (release != nullptr && release->has("driver")) return release->text("driver");
  const Row* branch = knowledge.find("driver_branches", "cuda", cuda);
  return branch == nullptr ? std::string() : branch->text("branch");
}

// ── the files ──

std::optional<Error> write_file(const std::string& path, const std::string& text, bool force) {
  std::error_code ignored;
  if (!force && std::filesystem::exists(std::filesystem::symlink_status(own_path(path), ignored)))
    return Error{"export.exists", "`" + path + "` is there already",
                 "`--force` writes over it; another name with `-o`"};
  const auto written = write_shared_file(path, text);
  return written ? std::nullopt : std::optional(written.error());
}

nlohmann::ordered_json document_of(const std::vector<ExportedFile>& files) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& file : files) all.push_back({{"name", file.name}, {"text", file.text}});
  return {{"format", "mlenvctl.export/1"}, {"files", std::move(all)}};
}

int deliver(const std::vector<ExportedFile>& files, const Arguments& arguments) {
  const bool folder = files.size() > 1;
  if (arguments.json) print(dump(document_of(files)));
  if (arguments.out.empty()) return arguments.json ? void() : print(files.front().text), exit_ok;
  std::error_code failure;
  if (folder) std::filesystem::create_directories(own_path(arguments.out), failure);
  for (const auto& file : files) {
    const auto path = folder ? arguments.out + "/" + file.name : arguments.out;
    if (const auto error = write_file(path, file.text, arguments.force))
      return print_error(*error, arguments), error->code == "export.exists" ? exit_bad_input : exit_failed;
  }
  return exit_ok;
}

/// As useradd takes them. Source: useradd(8).
bool is_account_name(const std::string& name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return name[0] != '-' && name[0] != '.' && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), good);
}

std::optional<Error> misuse(const Arguments& arguments) {
  if (arguments.recipes.empty())
    return Error{"recipe.none", "no recipe is given", "`mlenvctl export RECIPE`"};
  if (arguments.export_format == "devcontainer" && arguments.out.empty() && !arguments.json)
    return Error{"export.folder", "a devcontainer is two files", "`-o .devcontainer` writes them there"};
  if (!arguments.base.empty() && arguments.export_format != "dockerfile" &&
      arguments.export_format != "devcontainer")
    return Error{"export.base",
                 "`--base` names an image, and `--format " + arguments.export_format + "` has none",
                 {}};
  if (!arguments.user.empty() && !is_account_name(arguments.user))
    return Error{"export.user",
                 "expected the name of an account (lower-case letters, digits, `_`, `-`, `.`), found `" +
                     arguments.user + "`",
                 {}};
  if (arguments.base.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@") != std::string::npos)
    return Error{"export.base", "expected the name of an image, found `" + arguments.base + "`", {}};
  return std::nullopt;
}

/// A choice that nobody has named is said, for the file holds it.
void tell_choice(const Facts& facts, const LoadedRecipe& loaded, const Arguments& arguments) {
  if (arguments.quiet || !arguments.gpus.empty() || loaded.locked) return;
  const auto* gpus = known(facts.gpus);
  const bool chooses = std::any_of(loaded.graph.resources.begin(), loaded.graph.resources.end(),
                                   [](const Resource& each) { return each.composite; });
  if (!chooses) return;
  const auto card = gpus == nullptr
                        ? std::string("no GPU")
                        : "a GPU of compute capability " + gpus->front().compute_capability.value_or("") +
                              ", the least that the recipe asks for";
  std::cerr << "note: versions are chosen for " << card << "; `--gpu CC` names another\n";
}

}  // namespace

int export_command(const Arguments& arguments) {
  if (const auto error = misuse(arguments)) return print_error(*error, arguments), exit_bad_input;
  Diagnostics first;
  const auto recipe = read_hostless(arguments, first);
  if (!recipe || first.failed()) return print_diagnostics(first, arguments), exit_bad_input;
  Diagnostics diagnostics;
  const auto host = declared_host(arguments, *recipe, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  const auto loaded = load_recipe(arguments, &*host, diagnostics);
  if (!loaded) return print_diagnostics(diagnostics, arguments), code_of(diagnostics);
  report_environment(loaded->recipe, diagnostics);
  auto open = report_requirements(loaded->recipe, host->facts, diagnostics);
  print_diagnostics(diagnostics, arguments);
  if (diagnostics.failed()) return exit_refused;
  const auto plan = plan_recipe(*loaded, *host, diagnostics, false, true);
  const auto& os = *known(host->facts.os);
  ExportRequest request{plan, *host->reader, host->facts};
  request.format = format_of(arguments.export_format);
  request.base = arguments.base.empty() ? os.id + ":" + os.version_id : arguments.base;
  request.made_by = command_of(arguments);
  request.cuda = newest_cuda(plan);
  request.min_driver = least_driver(request.cuda, *host->knowledge);
  request.open = std::move(open);
  const auto files = export_plan(request);
  if (!files) return print_error(files.error(), arguments), exit_refused;
  tell_choice(host->facts, *loaded, arguments);
  return deliver(*files, arguments);
}

}  // namespace mlenv
