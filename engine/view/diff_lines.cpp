#include "view/diff_lines.hpp"

#include "base/text.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t indent = 6;
constexpr std::size_t most_lines = 200;
constexpr std::size_t longest_line = 200;  // where no terminal says otherwise

std::string shown_line(std::string_view line) {
  std::string text;
  for (const auto& glyph : glyphs(line)) text += glyph.shown;
  return text;
}

std::string painted(const std::string& line, bool in_hunk, const Style& style) {
  if (!in_hunk) return bold(line, style);
  if (line.starts_with("+")) return green(line, style);
  if (line.starts_with("-")) return red(line, style);
  return line.starts_with(" ") ? line : dim(line, style);
}

}  // namespace

std::string diff_lines(const Json& diff, const Style& style) {
  if (!diff.is_string()) return {};
  auto masked = mask_credentials(diff.get_ref<const std::string&>());
  if (masked.ends_with("\n")) masked.pop_back();
  const std::size_t width = style.verbose               ? 0
                            : style.width > indent + 20 ? style.width - indent
                                                        : longest_line;
  const auto lines = split(masked, '\n');
  std::string text;
  bool in_hunk = !masked.starts_with("---");
  for (std::size_t i = 0; i < lines.size() && !masked.empty(); ++i) {
    if (i == most_lines && !style.verbose) {
      const auto rest = "… and " + std::to_string(lines.size() - i) + " more lines (-v shows them)";
      return text + std::string(indent, ' ') + dim(rest, style) + "\n";
    }
    in_hunk = in_hunk || lines[i].starts_with("@@");
    text += std::string(indent, ' ') + painted(cut(shown_line(lines[i]), width), in_hunk, style) + "\n";
  }
  return text;
}

}  // namespace mlenv
