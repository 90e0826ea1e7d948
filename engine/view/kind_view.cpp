#include "view/kind_view.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "view/common_fields.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t usual_width = 100;  // where there is no terminal that says

std::string paragraph(std::string_view text, std::size_t indent, const Style& style) {
  const std::size_t width =
      style.width > indent + 30 ? std::min<std::size_t>(style.width, usual_width) : usual_width;
  std::string lines;
  for (const auto& line : wrapped(text, width - indent)) lines += std::string(indent, ' ') + line + "\n";
  return lines;
}

/// A manual's paragraphs: lines are joined, empty ones part them.
std::string manual_text(std::string_view manual, const Style& style) {
  std::string text, open;
  const auto close = [&] {
    if (open.empty()) return;
    text += (text.empty() ? "" : "\n") + paragraph(open, 2, style);
    open.clear();
  };
  for (const auto line : split_lines(manual)) {
    if (trim(line).empty()) {
      close();
    } else {
      open += std::string(trim(line)) + " ";
    }
  }
  close();
  return text;
}

std::string row(const std::string& label, const std::string& value, const Style& style) {
  return bold(padded(label, 10), style) + value + "\n";
}

std::string type_text(const Field& field) { return "<" + field.type + ">"; }

/// `name <type> (required)`, and under it the summary, the default, and the fields inside.
std::string field_text(const Field& field, std::size_t indent, const Style& style) {
  std::string text = std::string(indent, ' ') + bold(field.name, style) + "  " +
                     dim(type_text(field), style) + (field.required ? "  " + yellow("required", style) : "") +
                     "\n";
  text += paragraph(field.summary, indent + 4, style);
  if (!field.fallback.empty()) text += paragraph("default: " + field.fallback, indent + 4, style);
  for (const auto& inner : field.fields) text += field_text(inner, indent + 4, style);
  return text;
}

/// The lines of an example without their common indentation.
std::string example_text(std::string_view example) {
  const auto lines = split_lines(example);
  std::size_t common = example.size();
  for (const auto line : lines) {
    if (!trim(line).empty()) common = std::min(common, line.find_first_not_of(' '));
  }
  std::string text;
  for (const auto line : lines) {
    if (trim(line).empty() && text.empty()) continue;
    text += trim(line).empty() ? "\n" : "  " + std::string(line.substr(common)) + "\n";
  }
  return text.substr(0, text.find_last_not_of('\n') + 1) + (text.empty() ? "" : "\n");
}

std::string name_text(const Kind& kind) {
  return kind.name.type + (kind.text.naming == Naming::many ? ", or a list of them" : "");
}

/// The value that names the kind, as if it were a field.
Field name_field(const Kind& kind) {
  Field field = kind.name;
  field.name = std::string(kind.text.name);
  field.type = name_text(kind);
  return field;
}

std::vector<Field> all_fields(const Kind& kind) {
  auto fields = kind.fields;
  fields.insert(fields.begin(), name_field(kind));
  for (auto& common : common_fields(kind)) fields.push_back(std::move(common));
  return fields;
}

const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

std::string explain_index(const std::vector<Kind>& kinds, const Style& style) {
  std::size_t widest = 0;
  for (const auto& kind : kinds) widest = std::max(widest, kind.text.name.size());
  std::string text = "The kinds of resources that a recipe can declare:\n\n";
  for (const auto& kind : kinds) {
    text += "  " + bold(padded(std::string(kind.text.name), widest + 2), style) +
            std::string(kind.text.summary) + "\n";
  }
  return text +
         "\n`mlenvctl explain KIND` says what a kind takes, `mlenvctl explain KIND.FIELD` what a field "
         "means,\n`mlenvctl explain lint` what recipes are warned of.\n";
}

std::string explain_kind(const Kind& kind, const Style& style) {
  std::string text =
      row("KIND", std::string(kind.text.name), style) + row("SUMMARY", std::string(kind.text.summary), style);
  if (!trim(kind.text.manual).empty()) text += "\n" + manual_text(kind.text.manual, style);
  text += "\n" + bold("FIELDS", style) + "\n" + field_text(name_field(kind), 2, style);
  for (const auto& field : kind.fields) text += field_text(field, 2, style);
  text += "\n" + bold("FIELDS OF EVERY KIND", style) + "\n";
  for (const auto& field : common_fields(kind)) text += field_text(field, 2, style);
  if (!trim(kind.text.example).empty())
    text += "\n" + bold("EXAMPLE", style) + "\n" + example_text(kind.text.example);
  return text;
}

std::optional<std::string> explain_field(const Kind& kind, const std::string& field, const Style& style) {
  auto fields = all_fields(kind);
  std::string path(kind.text.name);
  for (const auto part : split(field, '.')) {
    const Field* found = find_field(fields, part);
    if (found == nullptr) return std::nullopt;
    path += "." + std::string(part);
    const Field current = *found;
    if (path.size() == kind.text.name.size() + 1 + field.size()) {
      std::string text = row("KIND", std::string(kind.text.name), style) + row("FIELD", path, style) +
                         row("TYPE", current.type, style) +
                         row("REQUIRED", current.required ? "yes" : "no", style);
      if (!current.fallback.empty()) text += row("DEFAULT", current.fallback, style);
      text += "\n" + paragraph(current.summary, 2, style);
      if (!current.fields.empty()) text += "\n" + bold("FIELDS", style) + "\n";
      for (const auto& inner : current.fields) text += field_text(inner, 2, style);
      return text;
    }
    fields = current.fields;
  }
  return std::nullopt;
}

std::vector<std::string> field_names(const Kind& kind) {
  std::vector<std::string> names;
  for (const auto& field : all_fields(kind)) names.push_back(field.name);
  return names;
}

}  // namespace mlenv
