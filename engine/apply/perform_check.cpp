#include "apply/perform.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

Command command_of(const RunCheck& step) {
  Command command{step.argv, {}, Privilege::user, step.limit};
  if (!step.prefix.empty()) {
    command.env["VIRTUAL_ENV"] = step.prefix;
    command.env["PATH"] = step.prefix + "/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  }
  return command;
}

/// What was expected and what came; nothing when they agree.
std::optional<Error> verdict(const RunCheck& step, const Output& output) {
  if (output.timed_out) {
    return Error{"check.timeout", "took longer than " + std::to_string(step.limit.count()) + " s",
                 "give it more time with `timeout:`"};
  }
  if (output.exit_code != step.expect_exit) {
    return Error{"check.failed",
                 "expected exit code " + std::to_string(step.expect_exit) + ", found " +
                     std::to_string(output.exit_code),
                 {}};
  }
  if (step.expect_stdout && output.out.find(trim(*step.expect_stdout)) == std::string::npos) {
    return Error{"check.failed",
                 "expected `" + *step.expect_stdout + "` in its output, found `" +
                     std::string(trim(output.out.substr(0, 200))) + "`",
                 {}};
  }
  return std::nullopt;
}

}  // namespace

Outcome perform_step(const RunCheck& step, Stage& stage) {
  Outcome outcome;
  const auto command = command_of(step);
  const auto output = stage.writer.run(command, stage.lines);
  outcome.error = output ? verdict(step, *output) : std::optional(output.error());
  if (!outcome.ok()) {
    outcome.command = command.argv;
    outcome.exit_code = output ? output->exit_code : 0;
  }
  return outcome;
}

}  // namespace mlenv
