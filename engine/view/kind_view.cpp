#include "view/kind_view.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "resource/lint_rule.hpp"
#include "view/common_fields.hpp"
#include "view/kind_words.hpp"
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

std::string manual_text(std::string_view manual, const Style& style) {
  std::vector<std::string> paragraphs;
  for (const auto& each : manual_paragraphs(manual)) paragraphs.push_back(paragraph(each, 2, style));
  return join(paragraphs, "\n");
}

std::string example_text(std::string_view example) {
  const auto lines = example_lines(example);
  std::string text;
  for (const auto line : split_lines(lines)) text += (line.empty() ? "" : "  ") + std::string(line) + "\n";
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
         "means,\n`mlenvctl explain lint` what recipes are warned of,\n`mlenvctl explain recipe` how the "
         "language works and `mlenvctl explain commands` what the program does.\n";
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

std::vector<Field> all_fields(const Kind& kind) {
  auto fields = kind.fields;
  fields.insert(fields.begin(), name_field(kind));
  for (auto& common : common_fields(kind)) fields.push_back(std::move(common));
  return fields;
}

std::optional<Field> field_at(const Kind& kind, const std::string& path) {
  auto fields = all_fields(kind);
  std::optional<Field> current;
  for (const auto part : split(path, '.')) {
    const Field* found = find_field(fields, part);
    if (found == nullptr) return std::nullopt;
    current = *found;
    fields = current->fields;
  }
  return current;
}

std::optional<std::string> explain_field(const Kind& kind, const std::string& path, const Style& style) {
  const auto field = field_at(kind, path);
  if (!field) return std::nullopt;
  const std::string name(kind.text.name);
  std::string text = row("KIND", name, style) + row("FIELD", name + "." + path, style) +
                     row("TYPE", field->type, style) + row("REQUIRED", field->required ? "yes" : "no", style);
  if (!field->fallback.empty()) text += row("DEFAULT", field->fallback, style);
  text += "\n" + paragraph(field->summary, 2, style);
  if (!field->fields.empty()) text += "\n" + bold("FIELDS", style) + "\n";
  for (const auto& inner : field->fields) text += field_text(inner, 2, style);
  return text;
}

std::vector<std::string> field_names(const Kind& kind) {
  std::vector<std::string> names;
  for (const auto& field : all_fields(kind)) names.push_back(field.name);
  return names;
}

std::vector<std::string> explain_topics(const std::vector<Kind>& kinds) {
  std::vector<std::string> topics = {"recipe", "commands", "lint"};
  const std::function<void(const std::vector<Field>&, const std::string&)> add = [&](const auto& fields,
                                                                                     const auto& path) {
    for (const auto& field : fields) {
      topics.push_back(path + "." + field.name);
      add(field.fields, path + "." + field.name);
    }
  };
  for (const auto& kind : kinds) {
    const std::string name(kind.text.name);
    topics.push_back(name);
    add(all_fields(kind), name);
  }
  for (const auto& rule : lint_rules()) topics.emplace_back(rule.code);
  return topics;
}

}  // namespace mlenv
