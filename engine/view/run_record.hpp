#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// A step of a past run, as its journal tells it.
struct StepRecord {
  std::string id;  ///< empty for what was no step
  std::string title;
  std::string status;                 ///< ok, failed, skipped, waiting; `cut short` when its end is not told
  std::optional<std::int64_t> began;  ///< milliseconds since the run began
  std::int64_t took = 0;              ///< milliseconds
  std::string reason, hint, code, exit_code;
  std::vector<std::string> command;
  std::vector<std::string> output;
  std::vector<std::string> changes;  ///< addresses
};

/// A past run. The texts are as they were written: not yet safe to print.
struct RunRecord {
  std::string id, recipe, started;
  std::string status;     ///< ok, failed, waiting, interrupted; `cut short` when its end is not told
  std::int64_t took = 0;  ///< milliseconds
  std::string done, failed, skipped;
  std::vector<StepRecord> steps;  ///< as they began
};

/// Milliseconds since the epoch of `2021-03-04T05:06:07.890Z`; nothing for other texts.
std::optional<std::int64_t> moment_of(const std::string& text);

/// Reads a journal: one event a line. What is no event is passed over.
RunRecord read_run(std::string_view journal);

}  // namespace mlenv
