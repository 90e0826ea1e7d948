#include "recipe/document.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <future>
#include <iterator>
#include <sstream>
#include <thread>

#include "base/text.hpp"
#include "recipe/flow_guard.hpp"
#include "recipe/list_parts.hpp"
#include "recipe/tree_builder.hpp"

namespace mlenv {
namespace {

/// yaml-cpp's words by ours, where its own do not help a person.
struct Wording {
  std::string_view theirs, ours, hint;
};
constexpr std::array<Wording, 10> wordings = {{
    {"end of map not found", "this does not belong to the mapping above it",
     "indent it like the keys around it"},
    {"end of sequence not found", "this does not belong to the list above it",
     "items of a list begin with `- `, equally indented"},
    {"end of map flow not found", "expected `}` or `,`", "a `{` is not closed"},
    {"end of sequence flow not found", "expected `]` or `,`", "a `[` is not closed"},
    {"illegal map value", "a `:` stands where no value can begin",
     "quote the text when the colon belongs to it"},
    {"illegal block entry", "a `- ` stands where no list can begin", "begin the list on a line of its own"},
    {"unknown token", "a value cannot begin with this character", "put the text between quotes"},
    {"illegal EOF in scalar", "a quoted text is not closed", ""},
    {"illegal document indicator in scalar", "a quoted text is not closed", ""},
    {"the referenced anchor is not defined", "this alias names no anchor above it",
     "quote the text when the `*` belongs to it"},
}};

void report_syntax(const YAML::Exception& error, const Span& where, Diagnostics& diagnostics) {
  for (const auto& wording : wordings) {
    if (error.msg.compare(0, wording.theirs.size(), wording.theirs) != 0) continue;
    diagnostics.error("recipe.syntax", std::string(wording.ours), where,
                      wording.hint.empty() ? std::nullopt : std::optional(std::string(wording.hint)));
    return;
  }
  diagnostics.error("recipe.syntax", "this is not YAML: " + error.msg, where);
}

/// What yaml-cpp must not even see. False: there is no use in going on.
bool check_bytes(const SourcePtr& source, const DocumentLimits& limits, Diagnostics& diagnostics) {
  const auto& text = source->text;
  if (text.size() > limits.bytes) {
    diagnostics.error("recipe.too-large",
                      "`" + source->name + "` has " + std::to_string(text.size()) +
                          " bytes; a recipe may have " + std::to_string(limits.bytes),
                      Span{source, 0, 0});
    return false;
  }
  if (const auto bad = std::min(first_bad_utf8(text).value_or(text.size()), text.find('\0'));
      bad < text.size()) {
    diagnostics.error("recipe.encoding",
                      "a recipe is UTF-8 text; the byte at offset " + std::to_string(bad) + " is not",
                      Span{source, bad, bad + 1}, "save the file as UTF-8");
    return false;
  }
  bool good = true;
  for (std::size_t line = 0; line < text.size();
       line = std::min(text.find('\n', line), text.size() - 1) + 1) {
    if (text[line] != '\t' || text.find_first_not_of(" \t\r", line) == text.find('\n', line)) continue;
    diagnostics.error("recipe.tab", "this line is indented by a tab", Span{source, line, line + 1},
                      "YAML is indented by spaces");
    good = false;
  }
  return good;
}

/// Reads a stretch of the source. What is wrong is reported; then nothing may come back.
std::optional<Node> read_stretch(const Stretch& stretch, bool open_quote, TreeBuilder& builder,
                                 const SourcePtr& source, Diagnostics& diagnostics) {
  try {
    // The end of the document is said, since yaml-cpp up to 0.6 never ends in brackets that nobody closes.
    std::istringstream stream(stretch.read(source->text) + (open_quote ? "" : "\n...\n"));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Abandoned&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    report_syntax(error, builder.span_at(builder.place(error.mark)), diagnostics);
    return std::nullopt;
  }
  if (builder.root) return std::move(builder.root);  // also with mistakes: what follows may find more of them
  Node empty;
  empty.span = builder.span_at(0);
  return empty;
}

/// One part of a list, read by itself: its items, or nothing where anything at all is to be said of it.
struct PartRead {
  std::optional<Node> list;
  std::size_t nodes = 0;
};

PartRead read_part(const SourcePtr& source, const Stretch& stretch, const DocumentLimits& limits) {
  // A pointer that counts for itself: the threads' nodes need not share one counter.
  const SourcePtr own(source.get(), [source](const Source*) {});
  Diagnostics diagnostics;
  TreeBuilder builder(own, stretch, limits, diagnostics);
  auto list = read_stretch(stretch, false, builder, own, diagnostics);
  if (!diagnostics.all().empty()) list.reset();
  return {std::move(list), builder.nodes()};
}

/// Where an empty value stands is known by what follows it.
bool ends_in_nothing(const Node& node) {
  if (node.is_sequence() && !node.items.empty()) return ends_in_nothing(node.items.back());
  if (node.is_mapping() && !node.entries.empty()) return ends_in_nothing(node.entries.back().second);
  return node.type == Node::Type::null;
}

/// The list that was cut, in what was read around it.
Node* cut_list(Node& root, std::size_t cut) {
  Node* list = nullptr;
  for (auto& [key, value] : root.entries) {
    if (key.span.begin < cut) list = &value;
  }
  return list != nullptr && list->is_sequence() && !list->items.empty() ? list : nullptr;
}

/// Reads a document with a long list, parts of it at the same time: yaml-cpp takes most of the time of a
/// large recipe. Nothing where that cannot be done, or where something is wrong: then it is read as a whole,
/// which tells what.
std::optional<Node> read_in_parts(const SourcePtr& source, const Stretch& whole, const FlowGuard& guard,
                                  const DocumentLimits& limits) {
  constexpr unsigned most_readers = 8;
  const auto readers =
      limits.readers != 0 ? limits.readers : std::min(std::thread::hardware_concurrency(), most_readers);
  const auto parts = list_parts(source->text, guard.lines, readers, limits.piece);
  if (parts.begins.empty() || guard.open_quote) return std::nullopt;
  auto inner = limits;
  if (inner.depth > 0) --inner.depth;  // a part is the list itself, which stands in a mapping
  // Where no thread is to be had, the part is read when it is asked for.
  constexpr auto where_it_can = std::launch::async | std::launch::deferred;
  std::vector<std::future<PartRead>> readings;
  for (std::size_t i = 0; i < parts.begins.size(); ++i) {
    const Stretch stretch{parts.begins[i], parts.end_of(i)};
    readings.push_back(
        std::async(where_it_can, [&source, stretch, &inner] { return read_part(source, stretch, inner); }));
  }
  auto around = whole;
  around.gap_begin = parts.begins.front();
  around.gap_end = parts.end;
  auto read = read_part(source, around, limits);
  auto* list = read.list ? cut_list(*read.list, parts.begins.front()) : nullptr;
  bool sound = list != nullptr && !ends_in_nothing(*list);
  auto nodes = read.nodes;
  for (auto& reading : readings) {
    auto part = reading.get();
    sound = sound && part.list && part.list->is_sequence() && !ends_in_nothing(*part.list);
    nodes += part.nodes;
    if (!sound) continue;
    auto& items = part.list->items;
    list->items.insert(list->items.end(), std::make_move_iterator(items.begin()),
                       std::make_move_iterator(items.end()));
  }
  return sound && nodes <= limits.nodes ? std::move(read.list) : std::nullopt;
}

}  // namespace

std::optional<Node> parse_document(const SourcePtr& source, Diagnostics& diagnostics,
                                   const DocumentLimits& limits) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (!check_bytes(source, limits, diagnostics)) return std::nullopt;
  const auto guard = guard_flow(source->text);
  if (const auto colon = guard.endless_colon) {
    diagnostics.error("recipe.syntax", "expected a value between `:` and `]`",
                      Span{source, *colon, *colon + 2},
                      "put the text between quotes when the colon belongs to it");
    return std::nullopt;
  }
  const Stretch whole{source->text.compare(0, 3, byte_order_mark) == 0 ? byte_order_mark.size() : 0,
                      source->text.size()};
  if (auto root = read_in_parts(source, whole, guard, limits)) return root;
  TreeBuilder builder(source, whole, limits, diagnostics);
  return read_stretch(whole, guard.open_quote, builder, source, diagnostics);
}

}  // namespace mlenv
