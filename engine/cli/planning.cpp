#include "cli/planning.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "cli/exit_code.hpp"
#include "cli/last_run.hpp"
#include "cli/look_ahead.hpp"
#include "cli/screen.hpp"
#include "host/caching_reader.hpp"
#include "ledger/removal.hpp"
#include "lock/check.hpp"
#include "plan/make_plan.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

/// Without a recipe the one planned last is meant.
std::optional<int> recall_recipe(Arguments& arguments) {
  if (!arguments.recipes.empty()) return std::nullopt;
  const auto stored = StateFolder(own_path(arguments.root)).saved_plan();
  const auto saved = stored ? read_saved_plan(stored->dump()) : Result<SavedPlan>(stored.error());
  if (!saved || saved->recipes.empty()) {
    print_error({"recipe.none", "no recipe is given, and none was planned before",
                 "`mlenvctl " + arguments.command + " RECIPE`"},
                arguments);
    return exit_bad_input;
  }
  arguments = arguments_of(*saved, arguments);
  return std::nullopt;
}

/// Whether a condition asks for something of a card that no file tells: its memory.
bool asks_driver(const Recipe& recipe, const Facts& facts) {
  const auto open = [&](const Condition& condition) {
    const auto answers = condition.failures(facts);
    return std::any_of(answers.begin(), answers.end(), [](const Answer& answer) {
      return answer.truth == Truth::unknown && answer.subject.starts_with("gpu");
    });
  };
  return std::any_of(recipe.requirements.begin(), recipe.requirements.end(),
                     [&](const Requirement& each) { return open(each.condition); }) ||
         std::any_of(recipe.declarations.begin(), recipe.declarations.end(),
                     [&](const Declaration& each) { return each.when && open(*each.when); });
}

/// Says what the host is and what the recipe asks for.
bool refuse_unmet(const Recipe& recipe, const Facts& facts, const Arguments& arguments) {
  Diagnostics diagnostics;
  report_unmet(recipe, facts, diagnostics);
  print_diagnostics(diagnostics, arguments);
  return diagnostics.failed();
}

/// Whether what comes is what is locked; what is not is among the plan's findings.
bool as_locked(Plan& plan, const LoadedRecipe& loaded) {
  if (!loaded.locked) return true;
  bool fits = true;
  for (auto& finding : lock_findings(plan, *loaded.locked)) {
    fits = fits && finding.severity != Severity::error;
    plan.findings.push_back(std::move(finding));
  }
  return fits;
}

/// Joins what earlier versions of the recipe have made, and this one does not declare, to what is planned.
std::set<std::string> add_leaving(LoadedRecipe& loaded, const OpenHost& host,
                                  std::shared_ptr<OpenLedger>& ledger, const Arguments& arguments) {
  ledger = open_whole_ledger(host, !arguments.json);
  RemovalRequest request;
  request.recipes = {loaded.recipe.name};
  request.declared = &loaded.graph;
  ProbeCache cache;
  const auto removal = removal_graph(*ledger->ledger, request, {*host.reader, host.facts, cache});
  std::set<std::string> leaving;
  for (const auto& resource : removal.resources) leaving.insert(resource.address.str());
  loaded.graph = joined(std::move(loaded.graph), removal);
  return leaving;
}

}  // namespace

void report_unmet(const Recipe& recipe, const Facts& facts, Diagnostics& diagnostics) {
  for (const auto& answer : unmet_requirements(recipe, facts)) {
    const auto verb = answer.truth == Truth::unknown ? "cannot be told" : "is not met";
    diagnostics.error("requires.unmet",
                      "the requirement `" + answer.subject + ": " + answer.asked + "` " + verb +
                          ": this host has " + answer.found,
                      answer.where);
  }
}

int code_of(const Diagnostics& diagnostics) {
  for (const auto& each : diagnostics.all()) {
    const std::string_view code = each.code;
    if (code == "recipe.untrusted") return exit_refused;
    const bool refusal = code.starts_with("resolve.") || (code.starts_with("lock.") && code != "lock.format");
    if (each.severity == Severity::error && !refusal) return exit_bad_input;
  }
  return exit_refused;
}

std::variant<Planned, int> plan_as_asked(Arguments& arguments, bool all_checks, Ahead ahead) {
  if (const auto code = recall_recipe(arguments)) return *code;
  Diagnostics diagnostics;
  auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  auto loaded = load_recipe(arguments, &*host, diagnostics);
  if (!loaded) return print_diagnostics(diagnostics, arguments), code_of(diagnostics);
  if (asks_driver(loaded->recipe, host->facts)) ask_driver(*host);
  if (refuse_unmet(loaded->recipe, host->facts, arguments)) return exit_refused;
  std::shared_ptr<OpenLedger> ledger;
  std::set<std::string> leaving;
  if (arguments.prune && !host->recorded) leaving = add_leaving(*loaded, *host, ledger, arguments);
  auto plan = plan_recipe(*loaded, *host, diagnostics, arguments.upgrade, all_checks);
  forget_looks(*host->reader);
  spdlog::debug("planned {} changes, {} steps", plan.changes.size(), plan.steps.size());
  if (const auto error = unsafe_cache(*host, arguments)) return print_error(*error, arguments), exit_refused;
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const bool feasible = ahead == Ahead::leave || [&] {
    const bool goes = look_ahead(plan, *host, arguments);
    return as_locked(plan, *loaded) && goes;
  }();
  if (!host->recorded && ahead == Ahead::ask) {
    for (auto& each : findings_of_last_run(StateFolder(host->root), *host->reader, host->facts))
      plan.findings.push_back(std::move(each));
  }
  auto document = plan_document(plan);
  return Planned{std::move(*host), std::move(ledger),   std::move(leaving), std::move(*loaded),
                 std::move(plan),  std::move(document), feasible,           now};
}

SavedPlan saved_from(const Planned& planned, nlohmann::ordered_json document, const Arguments& arguments) {
  const auto now = std::chrono::system_clock::now();
  SavedPlan saved;
  saved.nonce = fresh_id(now);
  saved.made = time_text(now);
  saved.after_run = StateFolder(planned.host.root).newest_run();
  for (const auto& recipe : arguments.recipes) saved.recipes.push_back(own_path(recipe));
  saved.variables = arguments.variables;
  saved.targets = arguments.targets;
  saved.user = planned.host.facts.user.name;
  saved.root = planned.host.root;
  saved.host_id = planned.host.facts.host_id;
  saved.recorded = planned.host.recorded;
  saved.upgrade = arguments.upgrade;
  saved.allow_removals = arguments.allow_removals;
  saved.ignore_lock = arguments.ignore_lock;
  saved.plan = std::move(document);
  return saved;
}

Arguments arguments_of(const SavedPlan& saved, Arguments given) {
  given.recipes = saved.recipes;
  given.root = saved.root;
  given.upgrade = saved.upgrade || given.upgrade;
  given.allow_removals = saved.allow_removals || given.allow_removals;
  given.ignore_lock = saved.ignore_lock || given.ignore_lock;
  if (given.variables.empty()) given.variables = saved.variables;
  if (given.targets.empty()) given.targets = saved.targets;
  if (given.user.empty()) given.user = saved.user;
  return given;
}

}  // namespace mlenv
