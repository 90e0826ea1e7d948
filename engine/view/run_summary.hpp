#pragma once

#include <string>
#include <vector>

#include "apply/event.hpp"
#include "view/style.hpp"

namespace mlenv {

/// `[ 3/12]`; nothing for what is no step.
std::string step_number(int step, std::size_t steps);

/// How a run ended, for people.
struct RunSummary {
  RunFinished end;
  std::vector<StepFinished> problems;  ///< failed, skipped and waiting, as they came
  std::size_t steps = 0;
  std::size_t not_begun = 0;  ///< steps that an interruption left
};

/// What failed (command, exit code, last lines of output), what was not reached and because of which, what
/// waits; and one line with the counts.
std::string summary_text(const RunSummary& summary, const Style& style);

}  // namespace mlenv
