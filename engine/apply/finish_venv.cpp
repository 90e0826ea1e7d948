#include "apply/finish_venv.hpp"

#include <string_view>

#include "apply/python_tools.hpp"
#include "base/text.hpp"

namespace mlenv {

extern const std::string_view finish_venv_program;

Outcome finish_venv(const VenvPlace& venv, const std::vector<std::string>& wheels, Stage& stage) {
  std::vector<std::string> words = {venv.now + "/bin/python",         "-I",     "-S",      "-c",
                                    std::string(finish_venv_program), venv.now, venv.then, venv.kept};
  words.insert(words.end(), wheels.begin(), wheels.end());
  Output output;
  auto outcome =
      run_program({std::move(words), python_variables(venv.now, stage), venv.privilege}, stage, &output);
  if (outcome.ok()) return outcome;
  outcome.command = {venv.now + "/bin/python"};
  if (outcome.exit_code != 0)
    outcome.error = Error{
        "venv.unfinished", "`" + venv.then + "` cannot be finished: " + std::string(trim(output.err)), {}};
  return outcome;
}

}  // namespace mlenv
