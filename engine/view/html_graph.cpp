#include <algorithm>

#include "view/graph_layout.hpp"
#include "view/html_parts.hpp"
#include "view/html_text.hpp"
#include "view/screen_text.hpp"

namespace mlenv {
namespace {

constexpr std::size_t longest_label = 38;
constexpr double column_width = 7.25;  // of a letter at 12 pixels, in the widest of the usual typefaces
constexpr long label_begin = 30;
constexpr long margin = 12;

/// An address cut in the middle: its kind and its end tell it from others.
std::string label_of(const Json& change) {
  auto address = text_at(change, "address");
  if (columns(address) <= longest_label) return address;
  const auto all = glyphs(address);
  std::string tail;
  std::size_t taken = 0;
  for (auto glyph = all.rbegin(); glyph != all.rend() && taken + glyph->columns <= longest_label / 2;
       ++glyph) {
    tail.insert(0, glyph->shown);
    taken += glyph->columns;
  }
  return cut(address, longest_label - taken) + tail;
}

std::string number(long value) { return std::to_string(value); }

std::string numbered(const char* name, long value) {
  return std::string(" ") + name + "=\"" + number(value) + "\"";
}

std::string point_text(Point at) { return number(at.x) + " " + number(at.y); }

/// A curve that leaves and arrives level.
std::string curve(Point from, Point to) {
  const auto middle = (from.x + to.x) / 2;
  return "C" + point_text({middle, from.y}) + " " + point_text({middle, to.y}) + " " + point_text(to);
}

std::string edge_html(const Line& line) {
  constexpr long head = 7;
  auto end = line.points.back();
  const auto tip = end;
  end.x += head - 1;
  std::string path = "M" + point_text(line.points.front());
  for (std::size_t i = 1; i < line.points.size(); ++i) {
    const auto to = i + 1 == line.points.size() ? end : line.points[i];
    const bool level = i % 2 == 0;  // past the nodes of a layer
    path += level ? "L" + point_text(to) : curve(line.points[i - 1], to);
  }
  const auto arrow = "M" + point_text(tip) + "l" + point_text({head, -4}) + "v8z";
  return "<g class=\"edge\" data-from=\"" + std::to_string(line.from) + "\" data-to=\"" +
         std::to_string(line.to) + "\"><path d=\"" + path + "\"/><path class=\"head\" d=\"" + arrow +
         "\"/></g>\n";
}

std::string node_html(const Json& change, std::size_t index, const Box& box) {
  const auto look = look_of(text_at(change, "action"));
  const auto reason = html_at(change, "reason");
  const auto title =
      html_at(change, "address") + ": " + html(look.words) + (reason.empty() ? "" : " (" + reason + ")");
  const auto line = number(box.y + box.height / 2 + 4);
  return "<a class=\"node a-" + look.action + "\" href=\"#c" + std::to_string(index) + "\" data-change=\"" +
         std::to_string(index) + "\" aria-label=\"" + title + "\"><title>" + title + "</title><rect" +
         numbered("x", box.x) + numbered("y", box.y) + numbered("width", box.width) +
         numbered("height", box.height) + " rx=\"4\"/><text class=\"sign\" x=\"" +
         number(box.x + label_begin / 2) + "\" y=\"" + line + "\">" + look.mark + "</text><text x=\"" +
         number(box.x + label_begin) + "\" y=\"" + line + "\">" + html(label_of(change)) + "</text></a>\n";
}

std::string tools_html() {
  const auto button = [](const char* id, const char* name, const char* shown) {
    return "<button type=\"button\" id=\"" + std::string(id) + "\" title=\"" + name + "\" aria-label=\"" +
           name + "\">" + shown + "</button>";
  };
  return "<div class=\"tools script\">" + button("zoom-in", "zoom in (+)", "+") +
         button("zoom-out", "zoom out (-)", "\u2212") +
         button("zoom-fit", "fit what is not faded (0)", "fit") +
         "<span class=\"dim hint\">drag to move, wheel or + - 0 to zoom</span></div>\n";
}

}  // namespace

std::string graph_html(const PageChanges& changes) {
  if (changes.all.empty()) return {};
  std::vector<long> widths;
  for (const auto* change : changes.all) {
    const auto letters = static_cast<double>(columns(label_of(*change)));
    widths.push_back(label_begin + static_cast<long>(letters * column_width) + 10);
  }
  const auto drawing = draw_graph(reduced_edges(changes.needs, needs_first(changes.needs)), widths);
  std::string inside;
  for (const auto& line : drawing.lines) inside += edge_html(line);
  for (std::size_t i = 0; i < changes.all.size(); ++i)
    inside += node_html(*changes.all[i], i, drawing.boxes[i]);
  const auto width = drawing.width + 2 * margin, height = drawing.height + 2 * margin;
  return tools_html() + "<div class=\"canvas\" tabindex=\"0\" role=\"group\" aria-label=\"graph of " +
         counted(changes.all.size(), "resource", "resources") + "\"><svg id=\"picture\"" +
         numbered("width", width) + numbered("height", height) + " viewBox=\"" + number(-margin) + " " +
         number(-margin) + " " + number(width) + " " + number(height) + "\">\n" + inside + "</svg></div>\n" +
         "<p class=\"dim\">An arrow points at what is needed. Edges that others imply are left out.</p>\n" +
         "<div id=\"selected\" class=\"script\" hidden aria-live=\"polite\"></div>\n";
}

}  // namespace mlenv
