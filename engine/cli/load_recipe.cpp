#include "cli/load_recipe.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/open_knowledge.hpp"
#include "cli/open_lock.hpp"
#include "cli/state.hpp"
#include "cli/trust.hpp"
#include "host/fact_packages.hpp"
#include "host/local_host.hpp"
#include "kinds/kinds.hpp"
#include "kinds/preflight.hpp"
#include "plan/make_plan.hpp"

namespace mlenv {
namespace {

RecipeRequest request_of(const Arguments& arguments, const OpenHost* host) {
  RecipeRequest request;
  request.paths = arguments.recipes;
  request.variables = arguments.variables;
  request.environment = host != nullptr ? host->environment : process_environment();
  if (host != nullptr) {
    request.fact = [host](const std::string& path) { return fact_text(host->facts, path); };
  }
  for (const auto& kind : all_kinds()) request.kinds.emplace_back(kind.text.name);
  request.has_field = has_field;
  return request;
}

/// Whether a recipe has to do with cards: what is wrong with the driver then belongs to its plan.
bool is_about_cards(const Graph& graph) {
  static constexpr std::string_view kinds[] = {"cuda_repo", "nvidia_driver", "cuda_toolkit", "cudnn",
                                               "framework"};
  return std::any_of(graph.resources.begin(), graph.resources.end(), [](const Resource& resource) {
    const auto& address = resource.address;
    return std::find(std::begin(kinds), std::end(kinds), address.kind) != std::end(kinds) ||
           (address.kind == "apt_package" && is_driver_package(address.name));
  });
}

/// Fixes what the recipe leaves open.
std::optional<LockedClass> pin(Recipe& recipe, const Arguments& arguments, const OpenHost& host,
                               Diagnostics& diagnostics) {
  recipe.pins = arguments.pins;
  if (recipe.pins) return std::nullopt;
  auto locked = locked_for(arguments, host.facts, diagnostics);
  if (!locked) return std::nullopt;
  recipe.pins = pins_of(*locked, lock_path(arguments.recipes.front()));
  if (arguments.locked) recipe.pins->misfit = Pins::Misfit::refuse;
  return locked;
}

}  // namespace

std::optional<LoadedRecipe> load_recipe(const Arguments& arguments, const OpenHost* host,
                                        Diagnostics& diagnostics) {
  return load_recipe(arguments, host, diagnostics,
                     [&](const std::string& path) { return read_trusted_file(path, arguments); });
}

std::optional<LoadedRecipe> load_recipe(const Arguments& arguments, const OpenHost* host,
                                        Diagnostics& diagnostics, const SourceLoader& read) {
  auto recipe = read_recipe(request_of(arguments, host), read, diagnostics);
  if (!recipe) return std::nullopt;
  const auto knowledge = host != nullptr ? host->knowledge : open_knowledge(arguments, diagnostics);
  if (!knowledge) return std::nullopt;
  auto locked = host != nullptr ? pin(*recipe, arguments, *host, diagnostics) : std::nullopt;
  const User nobody{"nobody", "/home/USER", "/bin/sh", 0, 0};
  DecodeScope scope{host != nullptr ? host->facts.user : nobody,
                    {},
                    diagnostics,
                    read,
                    host != nullptr ? &host->facts : nullptr,
                    knowledge.get(),
                    host != nullptr ? host->reader.get() : nullptr};
  auto resources = decode_all(*recipe, scope);
  // Linked even when decoding failed: what is wrong with references is told in the same run.
  auto graph = link(std::move(resources), diagnostics);
  std::vector<std::string> targets;
  for (const auto& target : arguments.targets) targets.push_back(with_home(target, scope.user));
  if (graph) graph = select_targets(std::move(*graph), targets, diagnostics);
  if (!graph || diagnostics.failed()) return std::nullopt;
  spdlog::debug("read {} files, {} resources", recipe->files.size(), graph->resources.size());
  return LoadedRecipe{std::move(*recipe), std::move(*graph), std::move(locked)};
}

std::optional<Recipe> read_hostless(const Arguments& arguments, Diagnostics& diagnostics) {
  return read_recipe(
      request_of(arguments, nullptr),
      [&](const std::string& path) { return read_trusted_file(path, arguments); }, diagnostics);
}

std::optional<std::string> name_of_recipe(const Arguments& arguments, const OpenHost& host,
                                          Diagnostics& diagnostics) {
  const auto recipe = read_recipe(request_of(arguments, &host), read_own_file, diagnostics);
  return recipe ? std::optional(recipe->name) : std::nullopt;
}

Plan plan_recipe(const LoadedRecipe& loaded, const OpenHost& host, const Diagnostics& diagnostics,
                 bool upgrade, bool all_checks) {
  PlanRequest request;
  request.recipe.name = loaded.recipe.name;
  for (const auto& file : loaded.recipe.files) request.recipe.files.push_back(file->name);
  request.recipe.digest = loaded.recipe.digest;
  request.host = plan_host(host);
  request.upgrade = upgrade;
  request.all_checks = all_checks;
  auto plan = make_plan(loaded.graph, host.facts, *host.reader, request);
  std::vector<PlanFinding> findings;
  for (const auto& each : diagnostics.all()) {
    findings.push_back(
        {each.code, each.severity, each.message, each.hint.value_or(""), origin_of(each.where)});
  }
  plan.findings.insert(plan.findings.begin(), findings.begin(), findings.end());
  if (!is_about_cards(loaded.graph)) return plan;
  const bool brings_driver =
      std::any_of(loaded.graph.resources.begin(), loaded.graph.resources.end(), [](const Resource& resource) {
        return resource.address.kind == "nvidia_driver" || is_driver_package(resource.address.name);
      });
  auto of_host = preflight(host.facts, *host.knowledge);
  const bool adds_repository =
      std::any_of(loaded.graph.resources.begin(), loaded.graph.resources.end(),
                  [](const Resource& resource) { return resource.address.kind == "cuda_repo"; });
  if (adds_repository) {
    for (auto& key : find_dead_keys(*host.reader, *host.knowledge)) of_host.push_back(std::move(key));
  }
  for (const auto& each : of_host) {
    if (each.code == "driver.none" && brings_driver) continue;
    plan.findings.push_back({each.code, each.severity, each.message, each.hint, {}});
  }
  return plan;
}

}  // namespace mlenv
