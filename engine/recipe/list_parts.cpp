#include "recipe/list_parts.hpp"

#include <algorithm>

namespace mlenv {
namespace {

constexpr std::string_view list_key = "resources:";

std::string_view line_at(std::string_view text, std::size_t begin) {
  return text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
}

bool is_blank(std::string_view line) {
  const auto first = line.find_first_not_of(" \r");
  return first == std::string_view::npos || line[first] == '#';
}

bool is_item(std::string_view line, std::size_t indent) {
  return line.size() > indent && line[indent] == '-' &&
         (line.size() == indent + 1 || line[indent + 1] == ' ' || line[indent + 1] == '\r');
}

/// The items of the list, and where it ends. Nothing where a line stands where none can.
struct Items {
  std::vector<std::size_t> begins;
  std::size_t end = 0;
};

Items items_of(std::string_view text, const std::vector<std::size_t>& lines) {
  auto line = std::find_if(lines.begin(), lines.end(), [&](std::size_t begin) {
    const auto shown = line_at(text, begin);
    return shown.substr(0, list_key.size()) == list_key && is_blank(shown.substr(list_key.size()));
  });
  if (line == lines.end()) return {};
  Items items{{}, text.size()};
  std::size_t indent = 0;
  for (++line; line != lines.end(); ++line) {
    const auto shown = line_at(text, *line);
    if (is_blank(shown)) continue;
    const auto here = shown.find_first_not_of(' ');
    if (items.begins.empty()) indent = here;
    if (here > indent) continue;
    if (here == indent && is_item(shown, indent)) {
      items.begins.push_back(*line);
      continue;
    }
    if (here != 0) return {};
    items.end = *line;
    break;
  }
  return items;
}

}  // namespace

ListParts list_parts(std::string_view text, const std::vector<std::size_t>& lines, std::size_t count,
                     std::size_t piece) {
  count = std::min(count, text.size() / piece);
  if (count < 2 || text.find_first_of("&*!") != std::string_view::npos) return {};
  const auto items = items_of(text, lines);
  if (items.begins.empty()) return {};
  ListParts parts{{}, items.end};
  const auto whole = items.end - items.begins.front();
  for (std::size_t part = 1; part < count; ++part) {
    const auto wanted = items.begins.front() + whole * part / count;
    const auto begin = std::lower_bound(items.begins.begin() + 1, items.begins.end(), wanted);
    if (begin == items.begins.end()) break;
    if (parts.begins.empty() || *begin > parts.begins.back()) parts.begins.push_back(*begin);
  }
  return parts;
}

}  // namespace mlenv
