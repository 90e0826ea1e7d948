#include "adopt/draft_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace mlenv {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// A number, an old truth value or nothing to some reader of YAML 1.1 or 1.2. `true` and `false` are the
/// same to all, and so to a recipe.
bool means_something_else(std::string_view text) {
  constexpr std::array<std::string_view, 7> words = {"null", "yes", "no", "on", "off", "y", "n"};
  const auto lower = to_lower(text);
  const bool number = text.find_first_not_of("0123456789.+-_eExXoO:") == std::string_view::npos;
  const bool whole = text.find_first_not_of("0123456789") == std::string_view::npos && text.front() != '0';
  return (number && !whole) || std::find(words.begin(), words.end(), lower) != words.end();
}

bool is_plain(std::string_view text) {
  const bool home = text.starts_with("~/");
  if (text.empty() || text.back() == ' ' || text.back() == ':') return false;
  if (!is_letter_or_digit(text.front()) && text.front() != '/' && text.front() != '.' && !home &&
      !text.starts_with("${"))
    return false;
  const auto good = [](char c) {
    return is_letter_or_digit(c) ||
           std::string_view(" _./+~@=<>()%^*;,$\\'{}-:").find(c) != std::string_view::npos;
  };
  return std::all_of(text.begin(), text.end(), good) && text.find(": ") == std::string_view::npos &&
         !means_something_else(text);
}

/// A terminal's commands in two bytes of UTF-8, U+0080 to U+009F.
bool is_control_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  return byte(at) == 0xC2 && at + 1 < text.size() && byte(at + 1) >= 0x80 && byte(at + 1) < 0xA0;
}

/// A recipe is UTF-8, which what is on a host need not be.
std::string as_utf8(std::string_view text) {
  std::string made(text);
  while (const auto bad = first_bad_utf8(made)) made[*bad] = '?';
  return made;
}

std::string quoted(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string made = "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_control_at(text, at)) ++at;
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    const bool control = byte < 0x20 || byte == 0x7f || (at > 0 && is_control_at(text, at - 1));
    if (c == '"' || c == '\\') {
      made += {'\\', c};
    } else if (c == '\n') {
      made += "\\n";
    } else if (c == '\t') {
      made += "\\t";
    } else if (control) {
      made += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xFU]};
    } else {
      made += c;
    }
  }
  return made + "\"";
}

/// Whether a text of several lines can stand as it is below `|`.
bool fits_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n') return false;
  if (text.ends_with("\n\n")) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f || is_control_at(text, at)) return false;
  }
  return true;
}

/// Text in lines of that width at most, broken between words.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines = {""};
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    auto& line = lines.back();
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.emplace_back(word);
    } else {
      line += (line.empty() ? "" : " ") + std::string(word);
    }
  }
  return lines;
}

/// What comes from a host must not end the comment that it stands in, and no password stands in one.
std::string one_line(std::string_view text) {
  auto made = as_utf8(mask_credentials(text));
  for (std::size_t at = 0; at < made.size(); ++at) {
    if (is_control_at(made, at)) made.replace(at, 2, "  ");
    if (static_cast<unsigned char>(made[at]) < 0x20 || made[at] == 0x7f) made[at] = ' ';
  }
  return made;
}

class DraftWriter {
 public:
  DraftText write(const Draft& draft) {
    for (const auto& line : draft.heading) comment("", line);
    line("recipe: " + yaml_scalar(draft.name));
    line("version: 1");
    if (!draft.description.empty()) line("description: " + yaml_scalar(draft.description));
    mapping("requires", draft.requirements);
    mapping("vars", draft.variables);
    line(has_resources(draft) ? "resources:" : "resources: []");
    for (std::size_t at = 0; at < draft.sections.size(); ++at) section(draft.sections[at], at);
    if (!draft.ending.empty()) line("");
    for (const auto& each : draft.ending) comment("", each);
    return std::move(made_);
  }

 private:
  static bool has_resources(const Draft& draft) { return count_resources(draft).declared > 0; }

  void line(const std::string& text, std::optional<DraftPlace> place = std::nullopt) {
    made_.text += text + "\n";
    made_.lines.resize(made_.lines.size() + 1, place);
  }

  void comment(const std::string& indent, const std::string& text) {
    constexpr std::size_t width = 112;
    for (const auto& each : wrapped(one_line(text), width)) line(indent + (each.empty() ? "#" : "# " + each));
  }

  void mapping(const std::string& name, const std::vector<DraftField>& fields) {
    if (fields.empty()) return;
    line(name + ":");
    for (const auto& each : fields) field(each, "  ", "", std::nullopt);
  }

  void section(const DraftSection& section, std::size_t at) {
    if (section.entries.empty() && section.notes.empty()) return;
    line("");
    comment("  ", section.title);
    for (const auto& note : section.notes) comment("  ", note);
    for (std::size_t i = 0; i < section.entries.size(); ++i) entry(section.entries[i], {at, i});
  }

  void entry(const DraftEntry& entry, DraftPlace place) {
    if (entry.names.empty()) return;
    if (!entry.comment.empty()) comment("  ", entry.comment);
    const bool doubtful = !entry.doubt.empty();
    if (doubtful) comment("  ", "in doubt: " + entry.doubt);
    const std::string front = doubtful ? "# " : "";
    const auto first = "  " + front + "- " + entry.kind + ":";
    if (entry.names.size() == 1) {
      place.name = 0;
      line(first + " " + yaml_scalar(entry.names.front()), place);
    } else {
      line(first, place);
      for (std::size_t i = 0; i < entry.names.size(); ++i) {
        place.name = i;
        line("  " + front + "    - " + yaml_scalar(entry.names[i]), place);
      }
    }
    place.name.reset();
    for (const auto& each : entry.fields) field(each, "  " + front, "  ", place);
  }

  /// `front` is what a comment begins with, `indent` what follows it.
  void field(const DraftField& field, const std::string& front, const std::string& indent,
             const std::optional<DraftPlace>& place) {
    const auto name = front + indent + field.name + ":";
    if (!field.rows.empty()) {
      line(name, place);
      for (const auto& row : field.rows) row_of(row, front, indent + "  ", place);
    } else if (!field.parts.empty()) {
      line(name, place);
      for (const auto& part : field.parts) this->field(part, front, indent + "  ", place);
    } else if (field.items.size() > 1) {
      line(name, place);
      for (const auto& item : field.items) line(front + indent + "  - " + yaml_scalar(item), place);
    } else {
      text(name, field.items.empty() ? field.text : field.items.front(), front + indent + "  ", place);
    }
  }

  void row_of(const std::vector<DraftField>& row, const std::string& front, const std::string& indent,
              const std::optional<DraftPlace>& place) {
    auto lead = indent + "- ";
    for (const auto& each : row) {
      line(front + lead + each.name + ": " + yaml_scalar(each.text), place);
      lead = indent + "  ";
    }
  }

  void text(const std::string& name, const std::string& raw, const std::string& indent,
            const std::optional<DraftPlace>& place) {
    const auto value = as_utf8(raw);
    if (!fits_block(value)) return line(name + " " + yaml_scalar(value), place);
    line(name + (value.ends_with("\n") ? " |" : " |-"), place);
    for (const auto each : split_lines(value)) line(each.empty() ? "" : indent + std::string(each), place);
  }

  DraftText made_;
};

}  // namespace

std::string yaml_scalar(std::string_view text) {
  return is_plain(text) ? std::string(text) : quoted(as_utf8(text));
}

DraftText draft_text(const Draft& draft) { return DraftWriter().write(draft); }

}  // namespace mlenv
