#include "base/unified_diff.hpp"

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {
namespace {

/// The old text as far as a diff tells it: what it has in common with the new one, and what goes.
std::string lines_with(const std::string& diff, char mark) {
  std::string text;
  bool inside = false;
  for (const auto line : split(diff, '\n')) {
    if (line.starts_with("@@")) {
      inside = true;
    } else if (inside && !line.empty() && (line[0] == ' ' || line[0] == mark)) {
      text += std::string(line.substr(1)) + "\n";
    }
  }
  return text;
}

}  // namespace

/// A file and what it is to become.
void unified_diff(std::string_view input) {
  const auto all = parts(input);
  const auto& before = all[0];
  const auto after = all.size() > 1 ? all[1] : std::string();
  const auto diff = mlenv::unified_diff("/f", before, after);
  hold(diff.empty() == (before == after), "texts that differ have a difference");
  // Short texts are told whole, since each change has three lines around it.
  const bool is_short = split_lines(before).size() <= 3 && before.ends_with("\n");
  if (is_short && !diff.empty()) hold(lines_with(diff, '-') == before, "a difference tells the old text");
}

}  // namespace mlenv::fuzz
