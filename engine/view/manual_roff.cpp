#include "base/text.hpp"
#include "view/manual.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

using Sort = ManualPart::Sort;

/// A character as roff wants it; those that it would take for typography are spelled.
std::string escaped(const Glyph& glyph) {
  if (glyph.shown == "\\") return "\\e";
  if (glyph.shown == "-") return "\\-";
  if (glyph.shown == "'") return "\\(aq";
  if (glyph.shown == "`") return "\\(ga";
  if (glyph.shown == "^") return "\\(ha";
  if (glyph.shown == "~") return "\\(ti";
  return glyph.shown == "…" ? "..." : glyph.shown;
}

/// The line without what would make it a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (const auto& glyph : glyphs(text)) out += escaped(glyph);
  return out;
}

/// Escaped words in lines of usual length, none of which begins as a request would.
std::string filled(std::string_view words) {
  constexpr std::size_t usual_length = 78;
  std::string text;
  for (const auto& line : wrapped(words, usual_length))
    text += (line.starts_with(".") ? "\\&" : "") + line + "\n";
  return text;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string font(std::string_view text, char name) {
  return text.empty() ? "" : std::string("\\f") + name + escaped(text) + "\\fR";
}

/// Words with `code` in bold.
std::string prose(std::string_view text) {
  std::string out;
  bool code = false;
  for (const auto piece : split(text, '`')) {
    out += code ? font(piece, 'B') : escaped(piece);
    code = !code;
  }
  return out;
}

std::string example(const std::string& lines) {
  std::string text = ".PP\n.RS 4\n.nf\n";
  for (const auto line : split_lines(lines))
    text += (line.starts_with(".") ? "\\&" : "") + escaped(line) + "\n";
  return text + ".fi\n.RE\n";
}

std::string part_text(const ManualPart& part) {
  switch (part.sort) {
    case Sort::section:
      return ".SH " + escaped(upper(part.text)) + "\n";
    case Sort::subsection:
      return ".SS " + escaped(part.text) + "\n";
    case Sort::paragraph:
      return ".PP\n" + filled(prose(part.text));
    case Sort::entry:
      return ".TP\n" + font(part.label, 'B') + (part.type.empty() ? "" : " " + font(part.type, 'I')) + "\n" +
             filled(prose(part.text));
    case Sort::example:
      return example(part.text);
  }
  return {};
}

bool is_heading(const ManualPart& part) {
  return part.sort == Sort::section || part.sort == Sort::subsection;
}

}  // namespace

std::string manual_roff(const ManualPage& page, const Release& release) {
  std::string text = ".TH " + escaped(upper(page.name)) + " " + std::to_string(page.section) + " \"" +
                     release.date + "\" \"mlenvctl " + release.version + "\" \"mlenvctl\"\n.SH NAME\n" +
                     escaped(page.name) + " \\- " + prose(page.summary) + "\n";
  unsigned depth = 0;
  bool headed = false;  // a paragraph right under a heading needs no request of its own
  for (const auto& part : page.parts) {
    for (; depth < part.depth; ++depth) text += ".RS\n";
    for (; depth > part.depth; --depth) text += ".RE\n";
    text += part.sort == Sort::paragraph && headed ? filled(prose(part.text)) : part_text(part);
    headed = is_heading(part);
  }
  for (; depth > 0; --depth) text += ".RE\n";
  return text;
}

}  // namespace mlenv
