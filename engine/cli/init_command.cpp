#include "adopt/starter.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/screen.hpp"
#include "cli/settle_draft.hpp"
#include "knowledge/candidate.hpp"

namespace mlenv {
namespace {

std::optional<Error> unknown_framework(const std::string& name, const Knowledge& knowledge) {
  if (!canonical_framework(knowledge, name).empty()) return std::nullopt;
  const auto names = framework_names(knowledge);
  const auto near = nearest_word(name, names);
  return Error{"framework.name", "there is no framework `" + name + "` in the tables",
               near ? "did you mean `" + *near + "`?" : "there are: " + join(names, ", ")};
}

/// What to type next, for a person who reads the recipe.
std::vector<std::string> next_words(const std::string& out) {
  if (out.empty()) return {"Next: save this as starter.yaml, then `mlenvctl plan starter.yaml`."};
  return {"Next: `mlenvctl plan " + shell_word(out) + "` shows what it would change, `mlenvctl apply " +
          shell_word(out) + "` carries it out."};
}

}  // namespace

int init_command(const Arguments& arguments) {
  Diagnostics diagnostics;
  const auto host = open_host(arguments, diagnostics);
  if (!host) return print_diagnostics(diagnostics, arguments), exit_bad_input;
  if (const auto error = unknown_framework(arguments.framework, *host->knowledge))
    return print_error(*error, arguments), exit_bad_input;
  auto draft = starter({*host->reader, host->facts, *host->knowledge}, arguments.framework);
  draft.ending = next_words(arguments.out);
  const auto written = settle(draft, Settled::sound, *host, arguments);
  if (!written) return print_error(written.error(), arguments), exit_failed;
  return deliver(draft, *written, arguments);
}

}  // namespace mlenv
