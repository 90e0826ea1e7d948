#include "cli/root_part.hpp"

#include <iostream>

#include "base/text.hpp"
#include "cli/look_ahead.hpp"
#include "cli/screen.hpp"
#include "script/root_script.hpp"
#include "view/plan_document.hpp"

namespace mlenv {
namespace {

/// What the user runs afterwards. The values of variables may be secrets, and are known to who gave them.
std::string command_for_the_rest(const Planned& planned, const Arguments& arguments) {
  std::vector<std::string> words = {"mlenvctl", "apply"};
  for (const auto& recipe : arguments.recipes) words.push_back(own_path(recipe));
  if (planned.host.root != "/") words.insert(words.end(), {"--root", planned.host.root});
  auto text = shell_words(words);
  for (const auto& [name, value] : arguments.variables) text += " --var " + name + "=…";
  return text;
}

}  // namespace

bool write_root_script(const Planned& planned, const nlohmann::ordered_json& document,
                       const Arguments& arguments) {
  if (arguments.root_script.empty()) return true;
  ScriptRequest request{planned.plan,
                        *planned.host.reader,
                        planned.host.facts,
                        "sha256:" + sha256_hex(dump(document)),
                        command_for_the_rest(planned, arguments),
                        [&](const AddRepository& step) { return keyring_of(step, planned.host, arguments); }};
  const auto script = root_script(request);
  if (!script) return print_error(script.error(), arguments), false;
  const auto written = write_own_file(arguments.root_script, script->text);
  if (!written) return print_error(written.error(), arguments), false;
  if (arguments.quiet) return true;
  std::cerr << "Root's part, " << script->steps.size() << " of " << planned.plan.steps.size()
            << " steps, is in " << arguments.root_script << " (plan " << request.digest
            << ").\nAn administrator runs it by `sh`; then: " << request.next << "\n";
  if (!script->left_out.empty())
    std::cerr << "Not in it, for they need a step of yours first: " << script->left_out.size()
              << "; plan again when yours are done.\n";
  return true;
}

}  // namespace mlenv
