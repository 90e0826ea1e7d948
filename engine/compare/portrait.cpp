#include "compare/portrait.hpp"

#include <algorithm>

#include "compare/portrait_traits.hpp"
#include "kinds/host_question.hpp"
#include "knowledge/resolve.hpp"

namespace mlenv {
namespace {

/// `2.4.1+cu124` -> `cu124`; nothing for a build that does not say what it was made for.
std::string local_label(const std::string& version) {
  const auto plus = version.find('+');
  return plus == std::string::npos ? std::string() : version.substr(plus + 1);
}

/// Whether the framework in a venv goes with the machine: what the resolver has to say against it.
void add_conflicts(const Sitter& sitter, const VenvPortrait& venv, std::vector<std::string>& conflicts) {
  std::string python;
  for (const auto& trait : venv.traits) {
    const auto* value = known(trait.value);
    if (value == nullptr) continue;
    if (trait.name == "python") python = *value;
    if (trait.name != "torch" && trait.name != "tensorflow" && trait.name != "jax") continue;
    const auto label = local_label(*value);
    if (label == "cpu") continue;
    auto question = host_question(sitter.facts, sitter.knowledge);
    if (question.no_gpu) continue;
    question.framework = trait.name;
    question.version = "==" + value->substr(0, value->find('+'));
    if (label.starts_with("cu")) question.cuda = label;
    question.pythons = {python};
    const auto answer = resolve(sitter.knowledge, question);
    if (answer.verdict != Verdict::conflict) continue;
    for (const auto& each : answer.conflicts) conflicts.push_back(venv.path + ": " + each.message);
  }
}

}  // namespace

Portrait portrait_of(const Sitter& sitter) {
  Portrait portrait;
  portrait.hostname = sitter.facts.hostname;
  if (const auto* os = known(sitter.facts.os))
    portrait.os = os->id + (os->version_id.empty() ? "" : " " + os->version_id);
  portrait.traits = machine_traits(sitter.facts);
  for (const auto& path : sitter.venvs) {
    portrait.venvs.push_back(venv_portrait(sitter, path));
    add_conflicts(sitter, portrait.venvs.back(), portrait.conflicts);
  }
  auto settings = setting_traits(sitter);
  portrait.packages = apt_traits(sitter);
  portrait.packages.insert(portrait.packages.begin(), settings.begin(), settings.end());
  return portrait;
}

}  // namespace mlenv
