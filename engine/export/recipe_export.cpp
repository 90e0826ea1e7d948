#include "export/recipe_export.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "export/step_statements.hpp"

namespace mlenv {
namespace {

/// apt packages that the steps bring by themselves.
std::vector<std::string> brought(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& planned : plan.steps) {
    if (const auto* step = std::get_if<AptTransaction>(&planned.step)) {
      for (const auto& item : step->install) names.push_back(item.name);
    }
  }
  return names;
}

/// What the statements need on a system that has nothing: a bare image lacks even certificates.
std::vector<std::string> needed_tools(const Plan& plan) {
  const auto names = brought(plan);
  const auto declared = [&](const std::string& beginning) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return name.starts_with(beginning); });
  };
  bool network = false, keys = false, venvs = false, pip = false;
  for (const auto& planned : plan.steps) {
    if (const auto* repository = std::get_if<AddRepository>(&planned.step)) {
      network = true;
      keys = keys || !repository->fingerprints.empty();
    }
    venvs = venvs || std::holds_alternative<MakeVenv>(planned.step);
    const auto* install = std::get_if<PipInstall>(&planned.step);
    network = network || install != nullptr;
    pip = pip || (install != nullptr && install->prefix.empty());
  }
  std::vector<std::string> tools;
  if (network) tools.emplace_back("ca-certificates");
  if (keys) tools.insert(tools.end(), {"curl", "gpg"});
  if (venvs && !declared("python3")) tools.insert(tools.end(), {"python3", "python3-venv"});
  if (pip && !declared("python3-pip")) tools.emplace_back("python3-pip");
  return tools;
}

/// Where the first change of a step stands in the recipe.
std::string place_of(const Plan& plan, const PlannedStep& step) {
  if (step.changes.empty()) return "`" + plan.recipe.name + "`";
  const auto& change = plan.changes[step.changes.front()];
  return change.origin.file + ":" + std::to_string(change.origin.line) + ": `" + change.address.str() + "`";
}

std::string addresses_of(const Plan& plan, const PlannedStep& step) {
  std::vector<std::string> all;
  for (const auto index : step.changes) all.push_back(plan.changes[index].address.str());
  return join(all, ", ");
}

/// Of a secret in an address or a file not even a part may come into what others read.
bool holds_secret(const ShellPart& part) {
  return std::any_of(part.statements.begin(), part.statements.end(), [](const Statement& statement) {
    return holds_credentials(join(statement.lines, "\n"));
  });
}

bool holds_odd_character(const ShellPart& part) {
  return std::any_of(part.statements.begin(), part.statements.end(), [](const Statement& statement) {
    return !std::all_of(statement.lines.begin(), statement.lines.end(), is_plain_line);
  });
}

std::optional<Error> refusal(const Plan& plan, const PlannedStep& step, const ShellPart& part) {
  if (holds_secret(part))
    return Error{"export.secret",
                 place_of(plan, step) + " holds a secret, and everybody who has the file could read it",
                 "take it out of the recipe: pip reads PIP_INDEX_URL and ~/.netrc, apt /etc/apt/auth.conf"};
  if (holds_odd_character(part))
    return Error{"export.step",
                 place_of(plan, step) + " has a line break or a control character in a name or a word",
                 "only the content of files may have them"};
  return std::nullopt;
}

/// The steps of one resource are one part.
void join_part(ShellPart part, std::vector<ShellPart>& parts) {
  if (parts.empty() || parts.back().title != part.title || parts.back().privilege != part.privilege)
    return parts.push_back(std::move(part));
  auto& last = parts.back();
  last.statements.insert(last.statements.end(), part.statements.begin(), part.statements.end());
  last.variables.insert(last.variables.end(), part.variables.begin(), part.variables.end());
}

/// What a plan could not decide would be missing without a word.
std::optional<Error> undecided(const Plan& plan) {
  for (const auto& change : plan.changes) {
    const auto action = change.decision.action;
    if (action != Action::unknown && action != Action::manual) continue;
    return Error{
        "export.step",
        change.origin.file + ":" + std::to_string(change.origin.line) + ": `" + change.address.str() +
            "` cannot be planned for an empty machine: " + change.decision.because,
        action == Action::unknown ? "`--gpu CC` and `--os ID-VERSION` say more about the machine" : ""};
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<ExportedFile>> export_plan(const ExportRequest& request) {
  if (const auto error = undecided(request.plan)) return *error;
  ExportParts parts;
  parts.tools = needed_tools(request.plan);
  const bool container = is_container(request.format);
  StepStatements writer(request.host, request.facts.user, {container, !container});
  for (const auto& step : request.plan.steps) {
    if (const auto* check = std::get_if<RunCheck>(&step.step)) {
      if (holds_credentials(join(check->argv, "\n")))
        return *refusal(request.plan, step, {{}, {}, {{check->argv}}});
      parts.checks.push_back(*check);
      continue;
    }
    auto part = writer.part_of(step.step);
    if (!part) return part.error();
    if (auto error = refusal(request.plan, step, *part)) return *error;
    part->title = addresses_of(request.plan, step);
    if (!part->statements.empty()) join_part(std::move(*part), parts.parts);
  }
  switch (request.format) {
    case ExportFormat::dockerfile:
      return std::vector<ExportedFile>{{"Dockerfile", dockerfile_text(request, parts)}};
    case ExportFormat::devcontainer:
      return std::vector<ExportedFile>{{"devcontainer.json", devcontainer_text(request, parts)},
                                       {"Dockerfile", dockerfile_text(request, parts)}};
    case ExportFormat::cloud_init:
      return std::vector<ExportedFile>{{"user-data", cloud_init_text(request, parts)}};
    case ExportFormat::shell:
      break;
  }
  return std::vector<ExportedFile>{{request.plan.recipe.name + ".sh", shell_script_text(request, parts)}};
}

// ── for the formats ──

bool is_container(ExportFormat format) {
  return format == ExportFormat::dockerfile || format == ExportFormat::devcontainer;
}

bool has_card(const ExportRequest& request) { return has_gpu(request.facts); }

namespace {

/// What would end a comment in one format or another.
std::string without_odd(std::string text) {
  for (const char* separator : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"})
    text = replace_all(std::move(text), separator, "?");
  for (auto& c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) c = '?';
  }
  return text;
}

}  // namespace

std::string commented(std::string_view text, std::string_view indentation) {
  constexpr std::size_t width = 100;
  std::string made;
  for (const auto paragraph : split(text, '\n')) {
    std::string line = "#";
    for (const auto word : split(paragraph, ' ')) {
      if (line.size() > 1 && line.size() + word.size() + 1 > width) {
        made += line + "\n";
        line = "# " + std::string(indentation) + std::string(word);
      } else {
        line += " " + std::string(word);
      }
    }
    made += std::string(line == "# " ? "#" : line) + "\n";
  }
  return without_odd(std::move(made));
}

std::string as_comment(const std::string& command) {
  std::string made;
  for (const auto line : split(command, '\n')) made += "#   " + std::string(line) + "\n";
  return without_odd(std::move(made));
}

namespace {

std::string cards_text(const Facts& facts) {
  const auto* gpus = known(facts.gpus);
  if (gpus == nullptr || gpus->empty()) return "no GPU";
  std::vector<std::string> all;
  for (const auto& gpu : *gpus) {
    const auto capability = "compute capability " + gpu.compute_capability.value_or("not known");
    all.push_back(gpu.name ? *gpu.name + " (" + capability + ")" : "a GPU of " + capability);
  }
  return join(all, ", ");
}

std::string left_out_text(const Plan& plan) {
  std::string text;
  for (const auto& change : plan.changes) {
    if (change.decision.action != Action::not_applicable) continue;
    const auto& because = change.decision.because;
    text +=
        commented("Left out: " + change.address.str() + (because.empty() ? "" : " (" + because + ")"), "  ");
  }
  return text;
}

}  // namespace

std::string export_header(const ExportRequest& request) {
  const auto& plan = request.plan;
  std::vector<std::string> files;
  for (const auto& file : plan.recipe.files) files.push_back(file.substr(file.rfind('/') + 1));
  auto text = commented("The recipe `" + plan.recipe.name + "` (" + join(files, ", ") + "), made by");
  text += commented("  " + request.made_by);
  text += "#\n";
  text += commented("For " + plan.host.os + ", " + request.facts.arch + ", " + cards_text(request.facts) +
                    ". Edit the recipe rather than this file, and export again.");
  if (has_card(request) && is_container(request.format)) {
    text += commented(
        "The driver is the host's: it needs " +
        (request.min_driver.empty()
             ? "an NVIDIA driver" + (request.cuda.empty() ? std::string() : " for CUDA " + request.cuda)
             : "NVIDIA's driver " + request.min_driver + " or newer, for CUDA " + request.cuda) +
        ", and the NVIDIA Container Toolkit, which lends it to containers.");
  }
  for (const auto& each : request.open) text += commented("To be met where it runs: " + each, "  ");
  return text + left_out_text(plan);
}

std::string image_name(const std::string& recipe) {
  auto name = to_lower(recipe);
  for (auto& c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) c = '-';
  }
  const auto first = name.find_first_not_of("-_");
  const auto last = name.find_last_not_of("-_");
  return first == std::string::npos ? "recipe" : name.substr(first, last - first + 1);
}

std::string script_text(const std::vector<Statement>& statements) {
  std::string text;
  for (const auto& each : statements) text += laid_out(each, "  ") + "\n";
  return text;
}

std::string check_command(const RunCheck& check) {
  auto words = check.argv;
  if (!check.prefix.empty()) {
    words.insert(words.begin(), {"env", "VIRTUAL_ENV=" + check.prefix,
                                 "PATH=" + check.prefix + "/bin:" + std::string(standard_path)});
  }
  return shell_words(words);
}

}  // namespace mlenv
