#include "apply/journal.hpp"

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "view/run_record.hpp"

namespace mlenv::fuzz {
namespace {

using Json = nlohmann::ordered_json;

/// A journal of the input's lines, and one byte of it turned into another: nothing of what was written is
/// read otherwise than it was.
void flip(std::string_view input) {
  std::string text, sum;
  std::vector<Json> written;
  for (const auto line : split_lines(input)) {
    if (written.size() > 6 || first_bad_utf8(line)) break;
    written.push_back({{"event", "step_output"}, {"line", std::string(line)}});
    text += journal_line(written.back(), sum);
  }
  const auto whole = read_journal(text);
  hold(whole.lines == written && whole.damaged == 0 && !whole.torn, "a journal reads as it was written");
  if (written.size() < 2) return;
  const auto seed = std::hash<std::string_view>()(input);
  const auto at = seed % text.size();
  const auto byte = static_cast<char>(text[at] ^ static_cast<char>(1U << (seed >> 32U) % 8));
  text[at] = byte;
  const auto damaged = read_journal(text);
  hold(damaged.lines.size() <= written.size(), "a flipped bit adds no line");
  for (std::size_t i = 0; i < damaged.lines.size(); ++i)
    hold(damaged.lines[i] == written[i], "a line with a flipped bit is not believed");
}

}  // namespace

/// Journals: those that somebody has changed, and those whose disk has.
void journal(std::string_view input) {
  const auto read = read_journal(input);
  hold(read.lines.size() <= split_lines(input).size(), "a line holds one event");
  read_run(input);
  flip(input);
}

}  // namespace mlenv::fuzz
