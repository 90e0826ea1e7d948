#include "cli/plan_hosts.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/exit_code.hpp"
#include "cli/load_recipe.hpp"
#include "cli/planning.hpp"
#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "host/local_host.hpp"
#include "view/plan_document.hpp"
#include "view/plans_document.hpp"
#include "view/plans_view.hpp"

namespace mlenv {
namespace {

std::optional<FileType> type_of(const std::string& path) {
  const auto stat = local_reader("/")->stat(own_path(path), Links::follow);
  return stat && *stat ? std::optional((*stat)->type) : std::nullopt;
}

/// A recipe may be written as JSON too.
bool is_recipe(const std::string& path) {
  const auto text = read_own_file(path);
  const auto document = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  return document.is_object() && document.contains("recipe");
}

bool is_record(const std::string& word) {
  return type_of(word) == FileType::directory || (word.ends_with(".json") && !is_recipe(word));
}

/// The records that the command line names, those of folders by name.
std::vector<std::string> record_files(const Arguments& arguments) {
  std::vector<std::string> files;
  for (const auto& word : arguments.host_files) {
    if (type_of(word) != FileType::directory) {
      files.push_back(word);
      continue;
    }
    const auto entries = local_reader("/")->list(own_path(word));
    for (const auto& entry : entries ? *entries : std::vector<DirectoryEntry>()) {
      if (entry.name.ends_with(".json")) files.push_back(join_path(word, entry.name));
    }
  }
  std::vector<std::string> once;
  for (auto& file : files) {
    if (std::find(once.begin(), once.end(), file) == once.end()) once.push_back(std::move(file));
  }
  return once;
}

void add_findings(const Diagnostics& diagnostics, Plan& plan) {
  for (const auto& each : diagnostics.all())
    plan.findings.push_back(
        {each.code, each.severity, each.message, each.hint.value_or(""), origin_of(each.where)});
}

HostPlan plan_one(const Arguments& given, const std::string& file) {
  auto arguments = given;
  arguments.host_file = file;
  HostPlan result;
  result.record = file;
  Diagnostics diagnostics;
  const auto host = open_host(arguments, diagnostics);
  if (!host) {
    result.status = HostStatus::unreadable;
    add_findings(diagnostics, result.plan);
    return result;
  }
  if (const auto* gpus = known(host->facts.gpus)) {
    for (const auto& gpu : *gpus) result.gpus.push_back(gpu.name.value_or(gpu.pci_id));
  }
  result.plan.host = plan_host(*host);
  const auto loaded = load_recipe(arguments, &*host, diagnostics);
  if (loaded) {
    result.plan.recipe.name = loaded->recipe.name;
    report_unmet(loaded->recipe, host->facts, diagnostics);
  }
  if (!loaded || diagnostics.failed()) {
    result.status =
        loaded || code_of(diagnostics) == exit_refused ? HostStatus::refused : HostStatus::bad_recipe;
    add_findings(diagnostics, result.plan);
    return result;
  }
  result.plan = plan_recipe(*loaded, *host, diagnostics, arguments.upgrade, false);
  return result;
}

/// The hosts have nothing to do with each other, so each is planned by whatever processor is free.
std::vector<HostPlan> plan_all(const Arguments& arguments, const std::vector<std::string>& files) {
  std::vector<HostPlan> plans(files.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto index = next++; index < files.size(); index = next++)
      plans[index] = plan_one(arguments, files[index]);
  };
  const auto wanted =
      arguments.planners != 0 ? arguments.planners : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min<std::size_t>(wanted, files.size()); ++i) others.emplace_back(work);
  work();
  for (auto& each : others) each.join();
  return plans;
}

/// What is wrong with the recipe itself is wrong for every host: it is told once, where it stands.
void tell_failures(const std::vector<HostPlan>& plans, const Arguments& arguments) {
  for (const auto& each : plans) {
    if (each.status != HostStatus::unreadable) continue;
    for (const auto& finding : each.plan.findings)
      print_error({finding.code, finding.message, finding.hint}, arguments);
  }
  const auto bad = std::find_if(plans.begin(), plans.end(),
                                [](const HostPlan& each) { return each.status == HostStatus::bad_recipe; });
  if (bad == plans.end()) return;
  auto one = arguments;
  one.host_file = bad->record;
  Diagnostics diagnostics;
  if (const auto host = open_host(one, diagnostics)) load_recipe(one, &*host, diagnostics);
  print_diagnostics(diagnostics, arguments);
}

int code_over(const std::vector<HostPlan>& plans, bool detailed) {
  int code = exit_ok;
  for (const auto& each : plans) {
    if (each.status == HostStatus::bad_recipe || each.status == HostStatus::unreadable)
      code = std::max(code, exit_bad_input);
    if (each.status == HostStatus::refused) code = std::max(code, exit_refused);
    if (detailed && each.status == HostStatus::planned && each.plan.pending())
      code = std::max(code, exit_pending);
  }
  return code;
}

std::optional<Error> unfit(const Arguments& arguments) {
  if (arguments.recipes.empty())
    return Error{"recipe.none", "no recipe is given", "`mlenvctl plan --host DIR RECIPE`"};
  const bool of_one =
      !arguments.out.empty() || !arguments.html.empty() || arguments.destroy || arguments.prune;
  if (of_one)
    return Error{"arguments.host", "`--out`, `--html`, `--prune` and `--destroy` are for one host alone", {}};
  return std::nullopt;
}

}  // namespace

void gather_records(Arguments& arguments) {
  if (arguments.host_files.empty()) return;
  auto& recipes = arguments.recipes;
  const auto records = std::stable_partition(recipes.begin(), recipes.end(),
                                             [](const std::string& word) { return !is_record(word); });
  arguments.host_files.insert(arguments.host_files.end(), records, recipes.end());
  recipes.erase(records, recipes.end());
}

bool is_about_records(const Arguments& arguments) {
  const auto& files = arguments.host_files;
  if (files.empty()) return false;
  return files.size() > 1 || arguments.markdown || type_of(files.front()) == FileType::directory;
}

int plan_hosts(const Arguments& arguments) {
  if (const auto error = unfit(arguments)) return print_error(*error, arguments), exit_bad_input;
  const auto files = record_files(arguments);
  if (files.empty()) {
    print_error({"host.record", "`" + arguments.host_files.front() + "` holds no record (NAME.json)",
                 "`mlenvctl snapshot -o FILE` writes one"},
                arguments);
    return exit_bad_input;
  }
  const auto plans = plan_all(arguments, files);
  spdlog::debug("planned for {} hosts", plans.size());
  const auto document = plans_document(plans);
  if (arguments.json) {
    print(dump(document));
  } else if (arguments.markdown) {
    print(plans_markdown(document));
  } else {
    print(plans_text(document, style_of(arguments, Stream::out)));
  }
  tell_failures(plans, arguments);
  return code_over(plans, arguments.detailed_exitcode);
}

}  // namespace mlenv
