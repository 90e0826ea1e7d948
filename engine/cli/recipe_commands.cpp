#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/load_recipe.hpp"
#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "host/local_host.hpp"
#include "host/process.hpp"
#include "view/diagnostic_text.hpp"
#include "view/graph_view.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

bool has_recipe(const Arguments& arguments) {
  if (!arguments.recipes.empty()) return true;
  print_error({"recipe.none", "`mlenvctl " + arguments.command + "` needs a recipe",
               "`mlenvctl " + arguments.command + " RECIPE`"},
              arguments);
  return false;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// Graphviz draws; its program reads the graph from standard input.
int print_svg(const std::string& dot, const Arguments& arguments) {
  Process process;
  process.argv = {"dot", "-Tsvg"};
  process.environment = process_environment();
  process.environment["PATH"] = standard_path;
  process.input = dot;
  const auto output = run_process(process, {});
  if (!output || output->exit_code == 127) {
    print_error(
        {"graph.no-graphviz", "`--format svg` needs Graphviz's program `dot`", "`apt-get install graphviz`"},
        arguments);
    return exit_failed;
  }
  if (output->exit_code != 0)
    return print_error({"graph.failed", "`dot` failed: " + output->err, {}}, arguments), exit_failed;
  print(output->out);
  return exit_ok;
}

int print_graph(const Graph& graph, const Arguments& arguments) {
  if (arguments.json || arguments.format == "json") return print(dump(graph_document(graph))), exit_ok;
  if (arguments.format == "mermaid") return print(graph_mermaid(graph)), exit_ok;
  if (arguments.format == "svg") return print_svg(graph_dot(graph), arguments);
  return print(graph_dot(graph)), exit_ok;
}

}  // namespace

int validate_command(const Arguments& arguments) {
  if (!has_recipe(arguments)) return exit_bad_input;
  Diagnostics diagnostics;
  const auto loaded = load_recipe(arguments, nullptr, diagnostics);
  if (arguments.json) {
    print(dump(diagnostics_document(diagnostics)));
  } else {
    print_diagnostics(diagnostics, arguments);
  }
  if (!loaded) return exit_bad_input;
  const auto all = diagnostics.all();
  const auto warnings = static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const Diagnostic& each) { return each.severity == Severity::warning; }));
  if (!arguments.json && !arguments.quiet) {
    print(loaded->recipe.name + ": " + counted(loaded->graph.resources.size(), "resource") + " in " +
          counted(loaded->recipe.files.size(), "file") + ", no errors" +
          (warnings == 0 ? "" : ", " + counted(warnings, "warning")) + "\n");
  }
  return arguments.strict && warnings > 0 ? exit_refused : exit_ok;
}

int graph_command(const Arguments& arguments) {
  if (!has_recipe(arguments)) return exit_bad_input;
  Diagnostics diagnostics;
  std::optional<LoadedRecipe> loaded;
  // A graph needs no host; one that is named fills in its facts.
  if (arguments.host_file.empty() && arguments.root == "/" && arguments.user.empty()) {
    loaded = load_recipe(arguments, nullptr, diagnostics);
  } else if (const auto host = open_host(arguments, diagnostics)) {
    loaded = load_recipe(arguments, &*host, diagnostics);
  }
  print_diagnostics(diagnostics, arguments);
  return loaded ? print_graph(loaded->graph, arguments) : exit_bad_input;
}

}  // namespace mlenv
