#include "base/unified_diff.hpp"

#include <algorithm>
#include <dtl/dtl.hpp>
#include <utility>
#include <vector>

namespace mlenv {
namespace {

constexpr std::size_t context = 3;

/// One line of either text: ` ` in both, `-` in the old alone, `+` in the new alone.
struct Edit {
  char mark = ' ';
  std::string line;
};

/// The lines with their ends, so that a last line without one differs from the same line with it.
std::vector<std::string> whole_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

std::vector<Edit> edits_between(const std::string& before, const std::string& after) {
  const auto old_lines = whole_lines(before), new_lines = whole_lines(after);
  dtl::Diff<std::string> diff(old_lines, new_lines);
  diff.compose();
  std::vector<Edit> edits;
  for (const auto& [line, edit] : diff.getSes().getSequence())
    edits.push_back({edit.type == dtl::SES_ADD ? '+' : edit.type == dtl::SES_DELETE ? '-' : ' ', line});
  return edits;
}

/// The ranges [begin, end) of edits that are shown: each change with its context, joined where they meet.
std::vector<std::pair<std::size_t, std::size_t>> hunks_of(const std::vector<Edit>& edits) {
  std::vector<std::pair<std::size_t, std::size_t>> hunks;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    if (edits[i].mark == ' ') continue;
    const auto begin = i - std::min(i, context), end = std::min(i + context + 1, edits.size());
    if (hunks.empty() || begin > hunks.back().second) {
      hunks.emplace_back(begin, end);
    } else {
      hunks.back().second = end;
    }
  }
  return hunks;
}

/// `BEGIN,COUNT`; where there are no lines it is the line before them.
std::string range(std::size_t lines_before, std::size_t count) {
  return std::to_string(lines_before + (count == 0 ? 0 : 1)) + "," + std::to_string(count);
}

}  // namespace

std::string unified_diff(const std::string& path, const std::string& before, const std::string& after) {
  if (before == after) return {};
  const auto edits = edits_between(before, after);
  std::string text = "--- " + path + " (now)\n+++ " + path + " (planned)\n";
  std::size_t at = 0, old_lines = 0, new_lines = 0;  // edits and lines of each text behind us
  for (const auto& [begin, end] : hunks_of(edits)) {
    old_lines += begin - at;  // between hunks the texts are the same
    new_lines += begin - at;
    std::size_t old_count = 0, new_count = 0;
    std::string lines;
    for (at = begin; at < end; ++at) {
      const auto& [mark, line] = edits[at];
      if (mark != '+') ++old_count;
      if (mark != '-') ++new_count;
      lines += mark + line;
      if (line.back() != '\n') lines += "\n\\ No newline at end of file\n";
    }
    text += "@@ -" + range(old_lines, old_count) + " +" + range(new_lines, new_count) + " @@\n" + lines;
    old_lines += old_count;
    new_lines += new_count;
  }
  return text;
}

}  // namespace mlenv
