#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "host/append_file.hpp"

namespace mlenv {

/// What a journal holds, as far as it can be believed.
struct JournalText {
  std::vector<nlohmann::ordered_json> lines;
  std::string last_sum;     ///< of the last whole line
  bool torn = false;        ///< the last line is not whole: a kill in the middle of writing it
  std::size_t damaged = 0;  ///< number of the first line that was changed after it was written; 0: none
};

/// Reads a journal. Each line ends with a sum over itself and the sum before, so that a line that is changed,
/// missing or moved is found; nothing after it is believed. The first journals had no sums; they are read as
/// they are.
JournalText read_journal(std::string_view text);

/// A line as a journal has it, its end included. `sum` is that of the line before it (empty for the first),
/// and becomes its own.
std::string journal_line(const nlohmann::ordered_json& line, std::string& sum);

/// The record of one run: one JSON object a line, only ever added to, evidence for people and for `--resume`.
/// What is planned next is found by probing, never read from here.
class Journal {
 public:
  /// Makes the file, or goes on with the one that is there. Errors: those of AppendFile.
  static Result<Journal> open(const std::string& path);
  /// Adds a line; with `durable` it is on the disk when this returns.
  Result<Done> add(const nlohmann::ordered_json& line, bool durable);

 private:
  Journal(AppendFile file, std::string sum) : file_(std::move(file)), sum_(std::move(sum)) {}
  AppendFile file_;
  std::string sum_;
};

}  // namespace mlenv
