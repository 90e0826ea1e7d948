#include "apply/finish_venv.hpp"

#include <string_view>

#include "apply/python_tools.hpp"
#include "base/text.hpp"

namespace mlenv {

extern const std::string_view finish_venv_program;

Outcome finish_venv(const VenvPlace& venv, const std::vector<std::string>& wheels, Stage& stage,
                    Output* output) {
  const bool made = venv.python.empty();
  const auto python = made ? venv.now + "/bin/python" : venv.python;
  std::vector<std::string> words = {python,
                                    "-I",
                                    "-S",
                                    "-c",
                                    std::string(finish_venv_program),
                                    venv.now,
                                    venv.then,
                                    venv.kept,
                                    made            ? ""
                                    : venv.inherits ? "inheriting"
                                                    : "alone"};
  words.insert(words.end(), wheels.begin(), wheels.end());
  Output own;
  auto& said = output == nullptr ? own : *output;
  auto outcome =
      run_program({std::move(words), python_variables(venv.now, stage), venv.privilege}, stage, &said);
  if (outcome.ok()) return outcome;
  outcome.command = {python};
  if (outcome.exit_code != 0)
    outcome.error = Error{
        "venv.unfinished",
        "`" + venv.then + "` cannot be " + (made ? "finished: " : "made: ") + std::string(trim(said.err)),
        {}};
  return outcome;
}

}  // namespace mlenv
