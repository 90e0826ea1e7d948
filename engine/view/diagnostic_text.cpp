#include "view/diagnostic_text.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "view/finding_document.hpp"
#include "view/plan_document.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t usual_width = 120;    // where there is no terminal that says
constexpr std::size_t bytes_around = 4096;  // of a line that is looked at; lines may be as long as files

/// A line as it is shown, and the columns of it that are meant.
struct Excerpt {
  std::string line;
  std::size_t caret = 0;
  std::size_t length = 1;
};

/// The part of the span's line around its begin, and where the span lies in it.
struct Slice {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool cut_before = false;
  bool cut_after = false;
};

bool is_inside_character(std::string_view text, std::size_t offset) {
  return offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U;
}

/// An offset of the text as an offset of the same text with its credentials masked.
std::size_t masked_offset(std::string_view text, std::size_t offset, std::size_t limit) {
  return std::min(mask_credentials(text.substr(0, offset)).size(), limit);
}

Slice slice_of(const Span& where) {
  const auto line = where.line_text();
  const auto line_begin = static_cast<std::size_t>(line.data() - where.source->text.data());
  const auto begin = std::min(where.begin - std::min(where.begin, line_begin), line.size());
  const auto end = std::clamp(where.end - std::min(where.end, line_begin), begin, line.size());
  auto first = begin - std::min(begin, bytes_around);
  while (is_inside_character(line, first)) ++first;
  auto last = std::min(line.size(), begin + bytes_around);
  while (is_inside_character(line, last)) ++last;
  const auto raw = line.substr(first, last - first);
  Slice slice{mask_credentials(raw), 0, 0, first > 0, last < line.size()};
  slice.begin = masked_offset(raw, begin - first, slice.text.size());
  slice.end = std::max(slice.begin, masked_offset(raw, std::min(end, last) - first, slice.text.size()));
  return slice;
}

std::size_t width_of(const std::vector<Glyph>& all, std::size_t first, std::size_t last) {
  std::size_t sum = 0;
  for (auto i = first; i < last; ++i) sum += all[i].columns;
  return sum;
}

/// The index of the first glyph at or after an offset.
std::size_t index_of(const std::vector<Glyph>& all, std::size_t offset) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Glyph& glyph) { return glyph.offset >= offset; });
  return static_cast<std::size_t>(found - all.begin());
}

Excerpt excerpt_of(const Span& where, std::size_t width) {
  const auto slice = slice_of(where);
  const auto all = glyphs(slice.text);
  const auto caret = index_of(all, slice.begin);
  const auto beyond = std::max(index_of(all, slice.end), caret);
  std::size_t first = 0, last = all.size();
  if (slice.cut_before || slice.cut_after || width_of(all, first, last) > width) {
    while (first < caret && width_of(all, first, caret) > width / 3) ++first;
    while (last > caret && width_of(all, first, last) > width - 2) --last;
  }
  Excerpt excerpt;
  const bool more_before = first > 0 || slice.cut_before;
  if (more_before) excerpt.line = "…";
  excerpt.caret = width_of(all, first, caret) + (more_before ? 1 : 0);
  excerpt.length = std::max<std::size_t>(1, width_of(all, caret, std::min(beyond, last)));
  for (auto i = first; i < last; ++i) excerpt.line += all[i].shown;
  if (last < all.size() || slice.cut_after) excerpt.line += "…";
  return excerpt;
}

std::string place_text(const Span& where) {
  const auto position = where.position();
  return visible(where.source->name) + ":" + std::to_string(position.line) + ":" +
         std::to_string(position.column) + ": ";
}

/// The source line and, under it, what is meant.
std::string source_text(const Span& where, const Style& style) {
  if (where.source->text.empty()) return {};
  const auto number = std::to_string(where.position().line);
  const std::size_t gutter = std::max<std::size_t>(number.size(), 4) + 3;
  const std::size_t width = style.width > gutter + 40 ? style.width - gutter : usual_width;
  const auto excerpt = excerpt_of(where, width);
  const std::string before(gutter - 3 - number.size(), ' ');
  const std::string mark = "^" + std::string(excerpt.length - 1, '~');
  return dim(before + number + " |", style) + (excerpt.line.empty() ? "" : " ") + excerpt.line + "\n" +
         dim(std::string(gutter - 2, ' ') + "|", style) + std::string(excerpt.caret + 1, ' ') +
         green(mark, style) + "\n";
}

std::string severity_text(Severity severity, const Style& style) {
  const auto word = std::string(severity_name(severity)) + ":";
  if (severity == Severity::error) return red(word, style);
  return severity == Severity::warning ? yellow(word, style) : bold(word, style);
}

/// A text of several lines, the later ones indented.
std::string message_text(const std::string& message) {
  std::string text;
  for (const auto line : split_lines(message)) text += (text.empty() ? "" : "\n  ") + visible(line);
  return text;
}

}  // namespace

std::string diagnostic_text(const Diagnostic& diagnostic, const Style& style) {
  std::string text = diagnostic.where ? bold(place_text(diagnostic.where), style) : "";
  text += severity_text(diagnostic.severity, style) + " " + message_text(diagnostic.message);
  if (!diagnostic.code.empty()) text += dim(" [" + diagnostic.code + "]", style);
  text += "\n";
  if (diagnostic.where) text += source_text(diagnostic.where, style);
  for (const auto& label : diagnostic.labels) {
    if (label.where) text += bold(place_text(label.where), style);
    text += severity_text(Severity::note, style) + " " + message_text(label.text) + "\n";
    if (label.where) text += source_text(label.where, style);
  }
  if (diagnostic.hint && !diagnostic.hint->empty()) {
    text += "  " + bold("hint:", style) + " " + message_text(*diagnostic.hint) + "\n";
  }
  return text;
}

std::string diagnostics_text(const Diagnostics& diagnostics, const Style& style) {
  std::string text;
  for (const auto& diagnostic : diagnostics.all())
    text += (text.empty() ? "" : "\n") + diagnostic_text(diagnostic, style);
  return text;
}

nlohmann::ordered_json diagnostics_document(const Diagnostics& diagnostics) {
  auto findings = nlohmann::ordered_json::array();
  for (const auto& each : diagnostics.all()) {
    auto finding = finding_document(
        {each.code, each.severity, each.message, each.hint.value_or(""), origin_of(each.where)});
    for (const auto& label : each.labels) {
      auto related = origin_document(origin_of(label.where));
      related["message"] = label.text;
      finding["related"].push_back(std::move(related));
    }
    findings.push_back(std::move(finding));
  }
  return masked({{"format", "mlenvctl.findings/1"}, {"findings", std::move(findings)}});
}

}  // namespace mlenv
