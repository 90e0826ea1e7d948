#include "view/plan_lines.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "view/diff_lines.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t attribute_indent = 6;
constexpr std::size_t longest_value = 200;  // where neither a terminal nor -v says otherwise

struct Mark {
  std::string_view action;
  std::string_view sign;
  std::string (*paint)(std::string_view, const Style&);
};

constexpr std::array<Mark, 6> marks = {{{"create", "+", green},
                                        {"update", "~", yellow},
                                        {"replace", "-/+", yellow},
                                        {"delete", "-", red},
                                        {"unknown", "?", yellow},
                                        {"manual", "!", yellow}}};

/// One attribute, before and after; nothing where the resource has or had none.
struct Attribute {
  std::string name;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

std::optional<std::string> value_of(const Json& object, const std::string& key) {
  const auto& value = at(object, key.c_str());
  if (value.is_null()) return std::nullopt;
  auto words = words_of(value);
  return words.empty() ? "\"\"" : words;
}

std::vector<Attribute> attributes_of(const Json& change) {
  std::vector<Attribute> all;
  const auto &before = at(change, "before"), &after = at(change, "after");
  if (before.is_object()) {
    for (const auto& [name, value] : before.items())
      all.push_back({name, value_of(before, name), value_of(after, name)});
  }
  if (!after.is_object()) return all;
  for (const auto& [name, value] : after.items()) {
    if (!before.is_object() || !before.contains(name))
      all.push_back({name, std::nullopt, value_of(after, name)});
  }
  return all;
}

/// `old -> new` on one line where it fits, else on two. A new resource has no old values to show, one that
/// goes no new ones.
std::string attribute_lines(const Attribute& attribute, const std::string& action, std::size_t name_width,
                            const Style& style) {
  const auto indent = attribute_indent + name_width + 2;
  const std::string name =
      std::string(attribute_indent, ' ') + padded(visible(attribute.name), name_width + 2);
  const std::size_t room = style.verbose               ? 0
                           : style.width > indent + 20 ? style.width - indent
                                                       : longest_value;
  const bool lone = (action == "create" && !attribute.before) || (action == "delete" && !attribute.after);
  if (lone) return name + cut(attribute.before.value_or(attribute.after.value_or("")), room) + "\n";
  const auto before = attribute.before.value_or("(none)"), after = attribute.after.value_or("(none)");
  if (before == after) return name + cut(before, room) + "\n";
  const auto whole = columns(before) + columns(after) + 4;
  if (style.width == 0 || whole + indent <= style.width) {
    return name + cut(before, room) + " -> " + cut(after, room) + "\n";
  }
  return name + cut(before, room) + "\n" + std::string(indent - 3, ' ') + "-> " + cut(after, room) + "\n";
}

}  // namespace

const Json& at(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string words_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return visible(value.get_ref<const std::string&>());
  return visible(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string text_at(const Json& object, const char* key) { return words_of(at(object, key)); }

std::string with_reason(const std::string& begin, std::size_t taken, const std::string& reason,
                        const Style& style) {
  if (reason.empty()) return begin + "\n";
  if (style.width == 0 || taken + columns(reason) + 4 <= style.width) return begin + "  (" + reason + ")\n";
  const std::size_t room = style.width > attribute_indent + 20 ? style.width - attribute_indent : 0;
  std::string text = begin + "\n";
  for (const auto& line : wrapped("(" + reason + ")", room))
    text += std::string(attribute_indent, ' ') + line + "\n";
  return text;
}

std::string change_lines(const Json& change, const Style& style) {
  const auto action = text_at(change, "action");
  const auto mark =
      std::find_if(marks.begin(), marks.end(), [&](const Mark& each) { return each.action == action; });
  if (mark == marks.end()) return {};
  const auto address = text_at(change, "address");
  const auto begin =
      std::string(3 - mark->sign.size(), ' ') + mark->paint(mark->sign, style) + " " + bold(address, style);
  std::string text = with_reason(begin, columns(address) + 4, text_at(change, "reason"), style);
  const auto attributes = attributes_of(change);
  std::size_t widest = 0;
  for (const auto& each : attributes) widest = std::max(widest, columns(visible(each.name)));
  for (const auto& each : attributes) text += attribute_lines(each, action, widest, style);
  return text + diff_lines(at(change, "diff"), style);
}

}  // namespace mlenv
