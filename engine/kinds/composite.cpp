#include "kinds/composite.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kinds/apt_sources.hpp"
#include "kinds/kinds.hpp"
#include "kinds/pinned.hpp"
#include "knowledge/resolve.hpp"

namespace mlenv {

Question Composition::question() const {
  auto made = host_question(facts(), knowledge());
  if (!driver.empty()) made.driver = driver;
  // Without a driver nothing stands in the way of the newest one.
  if (made.driver && made.driver->empty()) made.driver.reset();
  return made;
}

bool Composition::declares(const std::string& kind) const {
  return std::any_of(recipe.declarations.begin(), recipe.declarations.end(),
                     [&](const Declaration& each) { return each.kind == kind; });
}

bool Composition::uses_nvidia_repository() const {
  return std::any_of(recipe.declarations.begin(), recipe.declarations.end(), [](const Declaration& each) {
    const auto of_distribution = [](const auto& entry) {
      return entry.first.text == "source" && entry.second.text == "distribution";
    };
    return each.kind == "cuda_repo" || each.kind == "cudnn" ||
           (each.kind == "cuda_toolkit" && std::none_of(each.body.begin(), each.body.end(), of_distribution));
  });
}

PythonEnvPtr Composition::environment(const std::string& venv) const {
  for (const auto& resource : plain) {
    for (const auto& offer : resource.offers) {
      if (offer.capability == Capability::python_env && offer.name == venv)
        return std::get<PythonEnvPtr>(offer.value);
    }
  }
  return nullptr;
}

Expansion not_for_this_host(std::string because) {
  Expansion made;
  made.action = Action::not_applicable;
  made.because = std::move(because);
  return made;
}

Expansion cannot_choose(std::string because, std::string hint) {
  Expansion made;
  made.action = Action::unknown;
  made.because = because;
  made.findings.push_back({"composite.unknown", std::move(because), std::move(hint)});
  return made;
}

// ── declarations ──

PlainDeclaration::PlainDeclaration(const Declaration& composite, std::string kind, const std::string& name) {
  declaration_.kind = std::move(kind);
  declaration_.where = composite.where;
  declaration_.folder = composite.folder;
  declaration_.needs = composite.needs;
  declaration_.when = composite.when;
  declaration_.name = text(name);
}

PlainDeclaration::PlainDeclaration(const Declaration& composite, std::string kind,
                                   const std::vector<std::string>& names)
    : PlainDeclaration(composite, std::move(kind), std::string()) {
  declaration_.name = list(names);
}

Node PlainDeclaration::text(const std::string& value) const {
  Node node;
  node.type = Node::Type::scalar;
  node.span = declaration_.where;
  node.text = value;
  return node;
}

Node PlainDeclaration::list(const std::vector<std::string>& values) const {
  Node node;
  node.type = Node::Type::sequence;
  node.span = declaration_.where;
  for (const auto& value : values) node.items.push_back(text(value));
  return node;
}

PlainDeclaration& PlainDeclaration::with(const std::string& field, const std::string& value) {
  declaration_.body.emplace_back(text(field), text(value));
  return *this;
}

PlainDeclaration& PlainDeclaration::with(const std::string& field, const std::vector<std::string>& values) {
  declaration_.body.emplace_back(text(field), list(values));
  return *this;
}

PlainDeclaration& PlainDeclaration::called(const std::string& id) {
  declaration_.id = text(id);
  return *this;
}

PlainDeclaration& PlainDeclaration::in_state_of(const Declaration& composite) {
  declaration_.state = composite.state;
  return *this;
}

// ── repositories ──

void add_cuda_repository(const Declaration& composite, const Composition& composition, Expansion& made) {
  if (composition.declares("cuda_repo")) return;
  made.chosen.push_back(PlainDeclaration(composite, "cuda_repo", "auto").made());
}

namespace {

/// What a distribution's components are added by; one file of its own, so that the user's stay as they are.
constexpr const char* components_file = "mlenvctl-components";

bool brings(const SourceEntry& entry, const std::string& component) {
  return std::find(entry.components.begin(), entry.components.end(), component) != entry.components.end();
}

/// All that hold a driver or a toolkit: one file brings them, whichever composite asks first.
std::vector<std::string> own_components(const Knowledge& knowledge, const std::string& os) {
  std::vector<std::string> all;
  for (const auto& row : knowledge.table("distro_drivers")) {
    if (row.text("os") != os) continue;
    for (const auto& each : row.list("components")) {
      if (std::find(all.begin(), all.end(), each) == all.end()) all.push_back(each);
    }
  }
  return all;
}

/// Where the host takes the release's `main` from; null when its sources do not tell.
const SourceEntry* main_source(const std::vector<SourceEntry>& sources, const std::string& codename) {
  for (const auto& entry : sources) {
    const auto& suites = entry.suites;
    const bool binary = std::find(entry.types.begin(), entry.types.end(), "deb") != entry.types.end();
    if (binary && brings(entry, "main") && std::find(suites.begin(), suites.end(), codename) != suites.end())
      return &entry;
  }
  return nullptr;
}

}  // namespace

void add_components(const Declaration& composite, const Composition& composition, Expansion& made) {
  const auto* os = known(composition.facts().os);
  if (composition.scope.host == nullptr || os == nullptr) return;
  const auto components = own_components(composition.knowledge(), os->id + " " + os->version_id);
  auto sources = host_sources(*composition.scope.host);
  if (!sources) return;
  const auto own = [](const SourceEntry& entry) {
    return entry.file.find(std::string("/") + components_file + ".") != std::string::npos;
  };
  sources->erase(std::remove_if(sources->begin(), sources->end(), own), sources->end());
  const auto* main = main_source(*sources, os->codename);
  std::vector<std::string> missing;
  for (const auto& component : components) {
    const bool there = std::any_of(sources->begin(), sources->end(),
                                   [&](const SourceEntry& entry) { return brings(entry, component); });
    if (!there) missing.push_back(component);
  }
  if (missing.empty()) return;
  if (main == nullptr) {
    made.findings.push_back({"apt.no-component",
                             "no source of this host brings `" + join(missing, "` or `") +
                                 "`, and none tells where `main` of " + os->codename + " comes from",
                             "declare an `apt_repo` with these components"});
    return;
  }
  auto repository = PlainDeclaration(composite, "apt_repo", components_file);
  repository.with("uris", main->uris).with("suites", std::vector<std::string>{os->codename});
  repository.with("components", missing);
  if (main->signed_by.starts_with("/")) repository.with("signed_by", main->signed_by);
  made.chosen.push_back(repository.made());
}

// ── choices ──

std::optional<Resolution> resolved(const Question& question, const Declaration& composite,
                                   Composition& composition) {
  auto answer = resolve(composition.knowledge(), question);
  if (answer.verdict == Verdict::ok && answer.selection) return answer;
  for (const auto& conflict : answer.conflicts) {
    composition.scope.diagnostics.report(
        {Severity::error,
         conflict.code,
         conflict.message,
         composite.where,
         {},
         conflict.alternatives.empty() ? std::nullopt : std::optional(join(conflict.alternatives, "; or "))});
  }
  return std::nullopt;
}

Finding note_of(const Resolution& resolution, const std::string& address) {
  std::vector<std::string> facts;
  for (const auto& each : resolution.because) facts.push_back(each.fact);
  return {"composite.choice", "`" + address + "`: " + join(facts, "; "), {}, Severity::note};
}

// ── composition ──

bool stays_closed(const Declaration& declaration, const Composition& composition) {
  if (composition.scope.facts == nullptr) return true;
  return declaration.when && declaration.when->holds(composition.facts()) != Truth::yes;
}

std::vector<Resource> compose(const Declaration& declaration, Resource composite, const Expansion& expansion,
                              Composition& composition) {
  std::vector<Resource> all;
  const auto address = composite.address.str();
  for (const auto& chosen : expansion.chosen) {
    const Kind* kind = find_kind(chosen.declaration.kind);
    auto made = kind->expand ? expand_pinned(chosen.declaration, composition)
                             : decode_pinned(chosen.declaration, composition.recipe, composition.scope);
    for (auto& resource : made) {
      if (resource.chosen.empty()) resource.chosen = "chosen by `" + address + "`";
      resource.reboots = resource.reboots || chosen.reboots;
      composite.needs.push_back({resource.address, declaration.where});
      all.push_back(std::move(resource));
    }
  }
  Decision decision{expansion.action, expansion.because, {}, {}, expansion.findings};
  composite.composite = true;
  composite.settled = expansion.settled;
  composite.decide = [decision = std::move(decision)](const ProbeScope&) { return Decision(decision); };
  all.push_back(std::move(composite));
  return all;
}

}  // namespace mlenv
