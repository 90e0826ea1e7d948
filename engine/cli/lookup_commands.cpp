#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/managed.hpp"
#include "cli/open_host.hpp"
#include "cli/page.hpp"
#include "cli/saved_plan.hpp"
#include "cli/screen.hpp"
#include "cli/state.hpp"
#include "cli/unknown_topic.hpp"
#include "kinds/kinds.hpp"
#include "view/completion.hpp"
#include "view/facts_view.hpp"
#include "view/history_text.hpp"
#include "view/kind_view.hpp"
#include "view/plan_document.hpp"
#include "view/plan_text.hpp"

namespace mlenv {
namespace {

int print_run(const PastRun& run, const Arguments& arguments) {
  const auto text = read_own_file(run.log);
  if (!text) return print_error(text.error(), arguments), exit_failed;
  print(*text);
  const StateFolder state(own_path(arguments.root));
  return write_run_page(state, run.id, arguments) ? exit_ok : exit_failed;
}

}  // namespace

namespace {

int managed_facts(const Arguments& given) {
  auto arguments = given;
  const auto result = plan_as_asked(arguments, false, Ahead::leave);
  if (const auto* code = std::get_if<int>(&result)) return *code;
  const auto document = managed_document(std::get<Planned>(result));
  print(arguments.json ? dump(document) : managed_text(document));
  return exit_ok;
}

}  // namespace

int facts_command(const Arguments& arguments) {
  if (arguments.managed) return managed_facts(arguments);
  if (!arguments.recipes.empty()) {
    print_error({"arguments.recipe", "`mlenvctl facts` is about the host alone",
                 "with `--managed` it tells how a recipe stands on it"},
                arguments);
    return exit_bad_input;
  }
  Diagnostics diagnostics;
  auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  ask_driver(*host);
  print(arguments.json ? dump(facts_document(host->facts))
                       : facts_text(host->facts, style_of(arguments, Stream::out)));
  return exit_ok;
}

int schema_command(const Arguments&) {
  print(recipe_schema(all_kinds()));
  return exit_ok;
}

int completion_command(const Arguments& arguments) {
  const Completion completion{described_commands(), explain_topics(all_kinds())};
  print(arguments.topic == "bash"  ? bash_completion(completion)
        : arguments.topic == "zsh" ? zsh_completion(completion)
                                   : fish_completion(completion));
  return exit_ok;
}

int show_command(const Arguments& arguments) {
  const auto text = read_own_file(arguments.topic);
  if (!text) return print_error(text.error(), arguments), exit_bad_input;
  const auto saved = read_saved_plan(*text);
  if (!saved) return print_error(saved.error(), arguments), exit_bad_input;
  print(arguments.json ? dump(saved->plan) : plan_text(saved->plan, style_of(arguments, Stream::out)));
  return write_plan_page(saved->plan, arguments) ? exit_ok : exit_failed;
}

int history_command(const Arguments& arguments) {
  auto runs = nlohmann::ordered_json::array();
  std::vector<std::string> names;
  const auto past = StateFolder(own_path(arguments.root)).runs();
  for (const auto& run : past) {
    if (run.id == arguments.topic) return print_run(run, arguments);
    nlohmann::ordered_json entry = {{"run_id", run.id}};
    entry.update(run.summary);
    entry["log"] = run.log;
    runs.push_back(std::move(entry));
    names.push_back(run.id);
  }
  if (!arguments.topic.empty())
    return unknown_topic("there is no run `" + arguments.topic + "`", arguments.topic, names, arguments);
  if (arguments.json) {
    print(dump({{"format", "mlenvctl.history/1"}, {"runs", runs}}));
  } else {
    print(history_text(runs, style_of(arguments, Stream::out)));
  }
  return write_history_page(past, arguments) ? exit_ok : exit_failed;
}

}  // namespace mlenv
