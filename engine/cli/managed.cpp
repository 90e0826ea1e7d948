#include "cli/managed.hpp"

#include <set>

#include "base/text.hpp"
#include "resource/python_site.hpp"
#include "resource/venv_files.hpp"
#include "view/plan_lines.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

/// Addresses of paths hang on where homes are.
std::string without_home(const std::string& text, const std::string& home) {
  return home.empty() ? text : replace_all(text, home + "/", "~/");
}

/// How a resource stands: the version that is there, or that it is (or is not) as declared.
std::string standing(const Change& change) {
  const auto& decision = change.decision;
  if (decision.action != Action::none) return std::string(action_name(decision.action)) + " is due";
  return decision.found.empty() ? "as declared" : decision.found;
}

/// What a Python brings into each of its venvs, by its own release and not by the recipe.
bool comes_with_python(const std::string& name) {
  return name == "pip" || name == "setuptools" || name == "wheel" || name == "pkg-resources";
}

nlohmann::ordered_json packages_of(const std::string& venv, const std::string& prefix,
                                   const Planned& planned) {
  std::set<std::string> declared;
  for (const auto& change : planned.plan.changes) {
    if (change.address.kind == "pip_package") declared.insert(change.address.name);
  }
  const auto& host = *planned.host.reader;
  const auto config = host.read_file(venv_config_path(prefix));
  const auto minor = config && *config ? python_minor(parse_venv_config(**config).version) : std::string();
  auto packages = nlohmann::ordered_json::array();
  const auto installed = read_all_distributions(host, own_site_folders(host, prefix, minor));
  if (!installed) return packages;
  for (const auto& [name, distribution] : *installed) {
    if (!comes_with_python(name) || declared.count(venv + "/" + name) != 0)
      packages.push_back(name + "==" + distribution.version);
  }
  return packages;
}

}  // namespace

nlohmann::ordered_json managed_document(const Planned& planned) {
  const auto& home = planned.host.facts.user.home;
  auto resources = nlohmann::ordered_json::array();
  auto venvs = nlohmann::ordered_json::array();
  for (const auto& change : planned.plan.changes) {
    if (change.decision.action == Action::not_applicable || change.composite) continue;
    if (change.address.kind == "check") continue;
    resources.push_back({{"address", without_home(change.address.str(), home)},
                         {"state", without_home(standing(change), home)}});
  }
  for (const auto& resource : planned.loaded.graph.resources) {
    for (const auto& offer : resource.offers) {
      if (const auto* env = std::get_if<PythonEnvPtr>(&offer.value))
        venvs.push_back(
            {{"name", offer.name}, {"packages", packages_of(offer.name, (*env)->prefix, planned)}});
    }
  }
  const nlohmann::ordered_json managed = {{"resources", resources}, {"venvs", venvs}};
  return {{"format", "mlenvctl.managed/1"},
          {"recipe", planned.plan.recipe.name},
          {"digest",
           "sha256:" + sha256_hex(managed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))},
          {"resources", resources},
          {"venvs", venvs}};
}

std::string managed_text(const nlohmann::ordered_json& document) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& each : at(document, "resources"))
    rows.push_back({text_at(each, "address"), text_at(each, "state")});
  for (const auto& venv : at(document, "venvs")) {
    for (const auto& package : at(venv, "packages"))
      rows.push_back({"in venv " + text_at(venv, "name"), words_of(package)});
  }
  return "Managed by " + text_at(document, "recipe") + "\n" + aligned(rows, 2) + "\n" +
         text_at(document, "digest") + "\n";
}

}  // namespace mlenv
