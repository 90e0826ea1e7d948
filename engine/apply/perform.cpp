#include "apply/perform.hpp"

namespace mlenv {

Outcome perform(const Step& step, Stage& stage) {
  return std::visit([&](const auto& each) { return perform_step(each, stage); }, step);
}

Outcome outcome_of(const Result<Done>& result) {
  Outcome outcome;
  if (!result) outcome.error = result.error();
  return outcome;
}

Outcome run_program(const Command& command, Stage& stage, Output* output) {
  Outcome outcome;
  auto result = stage.writer.run(command, stage.lines);
  if (!result) {
    outcome.error = result.error();
    outcome.command = command.argv;
    return outcome;
  }
  if (result->exit_code != 0 || result->timed_out) {
    outcome.command = command.argv;
    outcome.exit_code = result->exit_code;
    outcome.error = Error{"apply.command-failed",
                          result->timed_out ? "`" + command.argv.front() + "` took longer than " +
                                                  std::to_string(command.limit.count()) + " s and was ended"
                                            : "`" + command.argv.front() + "` ended with exit code " +
                                                  std::to_string(result->exit_code),
                          {}};
  }
  if (output != nullptr) *output = std::move(*result);
  return outcome;
}

}  // namespace mlenv
