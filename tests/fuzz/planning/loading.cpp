#include "fuzz/planning/loading.hpp"

#include "kinds/kinds.hpp"
#include "plan/make_plan.hpp"

namespace mlenv::fuzz {
namespace {

Facts make_facts() {
  Facts facts;
  facts.os = Os{"debian", "12", "bookworm", "Debian GNU/Linux 12 (bookworm)"};
  facts.arch = "x86_64";
  facts.kernel = "6.1.0-26-amd64";
  facts.virt = "metal";
  facts.hostname = "workstation";
  facts.gpus =
      std::vector<Gpu>{{"0000:01:00.0", "10de:2484", "GeForce RTX 3070", "Ampere", "8.6", {}, "pci"}};
  facts.driver = Absent{};
  facts.pythons = {{"/usr/bin/python3.11", "3.11.2"}};
  facts.user = {"student", "/home/student", "/bin/bash", 1000, 1000};
  return facts;
}

RecipeRequest request_for(const RecipeTexts& texts, const Facts* facts) {
  RecipeRequest request;
  request.paths = {texts.begin()->first};
  request.environment = {{"HOME", "/home/student"}, {"TOKEN", "hunter2hunter2"}};
  if (facts != nullptr) {
    request.fact = [](const std::string& path) {
      return path == "arch" ? std::optional<std::string>("x86_64") : std::nullopt;
    };
  }
  for (const auto& kind : all_kinds()) request.kinds.emplace_back(kind.text.name);
  request.has_field = has_field;
  return request;
}

}  // namespace

const Knowledge& own_knowledge() {
  static const Knowledge knowledge;
  return knowledge;
}

const Facts& some_facts() {
  static const Facts facts = make_facts();
  return facts;
}

std::optional<LoadedTexts> load(const RecipeTexts& texts, const Facts* facts, const HostReader* host,
                                Diagnostics& diagnostics) {
  const auto text_at = [&](const std::string& path) -> Result<std::string> {
    const auto found = texts.find(path);
    if (found == texts.end()) return Error{"host.not-found", "there is no file `" + path + "`", {}};
    return found->second;
  };
  auto recipe = read_recipe(request_for(texts, facts), text_at, diagnostics);
  if (!recipe) return std::nullopt;
  const DecodeScope scope{some_facts().user, {}, diagnostics, text_at, facts, &own_knowledge(), host};
  auto graph = link(decode_all(*recipe, scope), diagnostics);
  if (!graph || diagnostics.failed()) return std::nullopt;
  return LoadedTexts{std::move(*recipe), std::move(*graph)};
}

Plan plan_of(const LoadedTexts& loaded, const Facts& facts, const HostReader& host) {
  PlanRequest request;
  request.recipe.name = loaded.recipe.name;
  request.host.hostname = facts.hostname;
  unmet_requirements(loaded.recipe, facts);
  return make_plan(loaded.graph, facts, host, request);
}

}  // namespace mlenv::fuzz
