#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/load_recipe.hpp"
#include "cli/open_ledger.hpp"
#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "host/host_record.hpp"
#include "kinds/preflight.hpp"
#include "record/condense.hpp"
#include "record/survey.hpp"
#include "view/facts_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

constexpr std::size_t largest_record = std::size_t{8} * 1024 * 1024;

/// The venvs that mlenvctl has made here.
std::vector<std::string> made_venvs(const OpenHost& host) {
  std::vector<std::string> venvs;
  const auto open = open_ledger(host, false);
  for (const auto& entry : open->ledger->entries()) {
    for (const auto& effect : entry.made) {
      if (effect.sort == Effect::Sort::venv) venvs.push_back(effect.path);
    }
  }
  return venvs;
}

/// The files of which a recipe has the content itself, and the users that it names.
void add_declared(const Graph& graph, RecordLimits& limits) {
  for (const auto& resource : graph.resources) {
    const bool brings = resource.address.kind == "file" || resource.address.kind == "service";
    for (const auto& offer : resource.offers) {
      if (offer.capability == Capability::path && brings) limits.declared.insert(offer.name);
      if (offer.capability == Capability::membership)
        limits.users.insert(offer.name.substr(offer.name.find('/') + 1));
    }
  }
}

/// As facts --json, with what only plans ask of.
nlohmann::ordered_json facts_to_record(const Facts& facts) {
  auto document = facts_document(facts);
  if (!facts.host_id.empty()) document["host_id"] = facts.host_id;
  document["user"]["uid"] = facts.user.uid;
  document["user"]["gid"] = facts.user.gid;
  return document;
}

/// Each recipe by itself: two may declare the same things in different ways.
bool look_by_recipes(const OpenHost& host, const Arguments& arguments, RecordLimits& limits,
                     Diagnostics& diagnostics) {
  for (const auto& recipe : arguments.recipes) {
    auto one = arguments;
    one.recipes = {recipe};
    Diagnostics of_recipe;
    const auto loaded = load_recipe(one, &host, of_recipe);
    // What does not go together on this host is a matter of plans, not of the record.
    for (const auto& each : of_recipe.all()) {
      const bool of_host = std::string_view(each.code).starts_with("resolve.");
      if (each.severity == Severity::error && !of_host) diagnostics.report(each);
    }
    if (!loaded) continue;
    static_cast<void>(plan_recipe(*loaded, host, of_recipe, false, true));
    add_declared(loaded->graph, limits);
  }
  return !diagnostics.failed();
}

std::optional<RecordedHost> record(OpenHost& host, const Arguments& arguments, Diagnostics& diagnostics) {
  const auto venvs = find_venvs(*host.reader, host.facts, made_venvs(host));
  const auto live = std::move(host.reader);
  auto recorder = std::make_unique<RecordingReader>(*live);
  const auto& recording = *recorder;
  host.reader = std::move(recorder);
  survey(recording, host.facts, venvs);
  static_cast<void>(find_dead_keys(recording, *host.knowledge));
  RecordLimits limits;
  if (!look_by_recipes(host, arguments, limits, diagnostics)) return std::nullopt;
  look_at_named(recording);
  auto record = condensed(recording.seen(), *live, host.facts, limits);
  record.tree = host.tree;
  return record;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// What a person wants to know of it before it is checked in.
std::string summary(const nlohmann::ordered_json& document, const std::string& text,
                    const std::string& file) {
  std::size_t venvs = 0;
  for (const auto& [path, value] : document["files"].items()) venvs += path.ends_with("/pyvenv.cfg") ? 1 : 0;
  const auto packages = document.contains("packages") ? document["packages"].size() : 0;
  return file + ": " + counted(packages, "package") + ", " + counted(venvs, "venv") + ", " +
         counted(document["files"].size(), "file") + ", " + size_text(text.size()) + "\n";
}

}  // namespace

int snapshot_command(const Arguments& arguments) {
  Diagnostics diagnostics;
  if (!arguments.host_file.empty()) {
    print_error({"arguments.host", "`--host` is a record already; `snapshot` makes one of a host", {}},
                arguments);
    return exit_bad_input;
  }
  auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  ask_driver(*host);
  const auto recorded = record(*host, arguments, diagnostics);
  print_diagnostics(diagnostics, arguments);
  if (!recorded) return exit_bad_input;
  const auto document = recorded_host_document(*recorded, facts_to_record(recorded->facts));
  const auto text = dump(document);
  if (text.size() > largest_record) {
    print_error({"snapshot.too-large",
                 "the record would be " + size_text(text.size()) +
                     ", and one that goes into git is at most " + size_text(largest_record),
                 {}},
                arguments);
    return exit_failed;
  }
  if (arguments.out.empty()) return print(text), exit_ok;
  const auto written = write_own_file(arguments.out, text);
  if (!written) return print_error(written.error(), arguments), exit_failed;
  if (!arguments.quiet) print(summary(document, text, arguments.out));
  return exit_ok;
}

}  // namespace mlenv
