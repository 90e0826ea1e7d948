#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "cli/aftermath.hpp"
#include "cli/carry_out.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/look_ahead.hpp"
#include "cli/page.hpp"
#include "cli/planning.hpp"
#include "cli/screen.hpp"
#include "host/caching_reader.hpp"
#include "ledger/removal.hpp"
#include "plan/make_plan.hpp"
#include "resource/kind.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

std::set<std::string> recipes_in(const Ledger& ledger) {
  std::set<std::string> names;
  for (const auto& entry : ledger.entries()) names.insert(entry.recipe);
  return names;
}

/// The names of the recipes that are meant: what is no file may be a name that the ledger has.
std::optional<std::set<std::string>> recipe_names(const Arguments& arguments, const OpenHost& host,
                                                  const Ledger& ledger, Diagnostics& diagnostics) {
  const auto known = recipes_in(ledger);
  std::set<std::string> names;
  for (const auto& word : arguments.recipes) {
    if (known.count(word) > 0 && !read_own_file(word)) {
      names.insert(word);
      continue;
    }
    auto one = arguments;
    one.recipes = {word};
    const auto name = name_of_recipe(one, host, diagnostics);
    if (!name) return std::nullopt;
    names.insert(*name);
  }
  return names;
}

void add_findings(Plan& plan, const OpenLedger& open) {
  if (open.loaded) return;
  plan.findings.push_back(
      {"ledger.unreadable",
       Severity::warning,
       "what mlenvctl has made for the system cannot be told: " + open.loaded.error().message,
       "run this through sudo",
       {}});
}

std::string plural_name(const std::set<std::string>& names) {
  return join(std::vector<std::string>(names.begin(), names.end()), ", ");
}

}  // namespace

std::variant<Planned, int> plan_removal(const Arguments& arguments) {
  Diagnostics diagnostics;
  auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  if (host->recorded) {
    print_error({"arguments.host", "`--host` is for planning; of a recorded host nothing can be removed", {}},
                arguments);
    return exit_bad_input;
  }
  auto open = open_whole_ledger(*host, !arguments.json);
  RemovalRequest request;
  const auto names = recipe_names(arguments, *host, *open->ledger, diagnostics);
  if (!names) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  request.recipes = *names;
  for (const auto& target : arguments.targets) request.targets.insert(with_home(target, host->facts.user));
  ProbeCache cache;
  auto graph = removal_graph(*open->ledger, request, {*host->reader, host->facts, cache});
  std::set<std::string> leaving;
  for (const auto& resource : graph.resources) leaving.insert(resource.address.str());
  PlanRequest asked;
  asked.recipe.name = plural_name(names->empty() ? recipes_in(*open->ledger) : *names);
  asked.host = plan_host(*host);
  auto plan = make_plan(graph, host->facts, *host->reader, asked);
  forget_looks(*host->reader);
  add_findings(plan, *open);
  const bool feasible = look_ahead(plan, *host, arguments);
  auto document = plan_document(plan);
  return Planned{
      std::move(*host),    std::move(open), std::move(leaving), {{}, std::move(graph)}, std::move(plan),
      std::move(document), feasible};
}

int destroy_command(const Arguments& arguments) {
  if (!outlast_survivors(StateFolder(own_path(arguments.root)), arguments)) return exit_refused;
  auto result = plan_removal(arguments);
  if (const auto* code = std::get_if<int>(&result)) return *code;
  return carry_out(std::get<Planned>(result), {}, arguments, [&] { return plan_removal(arguments); });
}

}  // namespace mlenv
