#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "view/compare_view.hpp"
#include "view/markdown.hpp"
#include "view/plan_lines.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t most_rows = 12;  // of a section that has nothing to do with a GPU

std::string value_words(const Json& value) {
  if (value.is_null()) return "-";
  return value.is_object() ? "?" : words_of(value);
}

std::string side_name(const Json& side) {
  const auto name = text_at(side, "hostname");
  return name.empty() ? text_at(side, "source") : name;
}

/// `gpu01` and `gpu07`; hosts of one name by where they were read.
std::pair<std::string, std::string> side_names(const Json& document) {
  const auto &left = at(document, "left"), &right = at(document, "right");
  auto names = std::pair(side_name(left), side_name(right));
  if (names.first == names.second) names = {text_at(left, "source"), text_at(right, "source")};
  return names;
}

/// What differs, in parts: the GPU's first. Each part section by section.
struct Part {
  std::string heading;
  std::vector<const Json*> contrasts;
};

std::vector<Part> parts_of(const Json& document) {
  Part gpu{"What programs on the GPU hang on", {}}, rest{"Everything else", {}},
      unknown{"Known of one host alone", {}};
  for (const auto& each : at(document, "different"))
    (at(each, "gpu") == true ? gpu : rest).contrasts.push_back(&each);
  for (const auto& each : at(document, "unknown")) unknown.contrasts.push_back(&each);
  std::vector<Part> parts;
  for (auto* part : {&gpu, &rest, &unknown}) {
    if (!part->contrasts.empty()) parts.push_back(std::move(*part));
  }
  return parts;
}

/// Rows with the section on its first line alone.
std::vector<std::vector<std::string>> rows_of(const Part& part, bool all) {
  std::vector<std::vector<std::string>> rows;
  std::string section;
  std::size_t in_section = 0, left_over = 0;
  const auto finish = [&] {
    if (left_over > 0)
      rows.push_back({"", "… and " + std::to_string(left_over) + " more (-v lists them)", "", ""});
    left_over = 0;
  };
  for (const auto* each : part.contrasts) {
    const auto name = text_at(*each, "section");
    const bool fresh = rows.empty() || name != section;
    if (fresh) finish();
    in_section = fresh ? 1 : in_section + 1;
    section = name;
    if (!all && at(*each, "gpu") != true && in_section > most_rows) {
      ++left_over;
      continue;
    }
    rows.push_back({fresh ? name : "", text_at(*each, "name"), value_words(at(*each, "left")),
                    value_words(at(*each, "right"))});
  }
  finish();
  return rows;
}

std::string conflicts_text(const Json& document, const Style& style) {
  const auto names = side_names(document);
  std::string text;
  for (const auto& [key, name] : {std::pair("left", names.first), std::pair("right", names.second)}) {
    for (const auto& each : at(at(document, key), "conflicts"))
      text += "  " + name + ": " + words_of(each) + "\n";
  }
  return text.empty() ? text : "\n" + bold("Does not go together", style) + "\n" + text;
}

std::size_t number(const Json& document, const char* key) {
  const auto& value = at(at(document, "summary"), key);
  return value.is_number() ? value.get<std::size_t>() : 0;
}

std::string summary_line(const Json& document) {
  const auto different = number(document, "different"), unknown = number(document, "unknown");
  if (different == 0 && unknown == 0)
    return "No differences in " + std::to_string(number(document, "equal")) + " things.";
  std::string text = std::to_string(different) + (different == 1 ? " difference" : " differences");
  if (const auto gpu = number(document, "gpu"); gpu > 0)
    text += ", " + std::to_string(gpu) + " of them to do with the GPU";
  if (unknown > 0) text += "; " + std::to_string(unknown) + " known of one host alone";
  return text + "; " + std::to_string(number(document, "equal")) + " things are equal.";
}

std::string side_line(const Json& side, const std::string& name) {
  const auto os = text_at(side, "os");
  return "  " + name + (os.empty() ? "" : ": " + os) + "  (" + text_at(side, "source") + ")\n";
}

}  // namespace

std::string compare_text(const Json& document, const Style& style) {
  const auto names = side_names(document);
  std::string text = bold("Compared", style) + "\n" + side_line(at(document, "left"), names.first) +
                     side_line(at(document, "right"), names.second);
  text += conflicts_text(document, style);
  for (const auto& part : parts_of(document)) {
    auto rows = rows_of(part, style.verbose);
    rows.insert(rows.begin(), {"", "", names.first, names.second});
    text += "\n" + bold(part.heading, style) + "\n" + aligned(rows, 2);
  }
  return text + "\n" + summary_line(document) + "\n";
}

std::string compare_markdown(const Json& document) {
  const auto names = side_names(document);
  std::string text = "### " + markdown_code(names.first) + " and " + markdown_code(names.second) + ": " +
                     summary_line(document) + "\n";
  for (const auto& [key, name] : {std::pair("left", names.first), std::pair("right", names.second)}) {
    for (const auto& each : at(at(document, key), "conflicts"))
      text += "\n> **" + markdown_text(name) + "**: " + markdown_text(words_of(each)) + "\n";
  }
  bool open = true;
  for (const auto& part : parts_of(document)) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : rows_of(part, true)) {
      rows.push_back(
          {markdown_text(row[0]), markdown_text(row[1]), markdown_code(row[2]), markdown_code(row[3])});
    }
    const auto table = markdown_table({"", "", markdown_text(names.first), markdown_text(names.second)},
                                      {false, false, false, false}, rows);
    text += "\n" + (open ? "**" + part.heading + "**\n\n" + table
                         : markdown_details(part.heading + " (" + std::to_string(rows.size()) + ")", table));
    open = false;
  }
  return text;
}

}  // namespace mlenv
