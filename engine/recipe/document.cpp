#include "recipe/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <unordered_map>

#include "base/text.hpp"
#include "recipe/flow_guard.hpp"

namespace mlenv {
namespace {

/// Ends the reading from inside yaml-cpp's callbacks: it has no other way out. Caught in parse_document.
struct Abandoned {};

constexpr std::string_view core_tags = "tag:yaml.org,2002:";

/// Builds our tree from yaml-cpp's events, which say where things begin and never where they end.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourcePtr& source, std::size_t offset, const DocumentLimits& limits,
              Diagnostics& diagnostics)
      : source_(source), offset_(offset), limits_(limits), diagnostics_(diagnostics) {}

  std::optional<Node> root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ < 2) return;
    diagnostics_.error("recipe.second-document",
                       "a recipe is one YAML document, and a second one begins here", span_at(place(mark)),
                       "put it into a file of its own");
    throw Abandoned{};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Type::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Type::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override {
    check_keys(open_.back().node);
    close();
  }
  Span span_at(std::size_t begin, std::size_t length = 1) const {
    return {source_, begin, std::min(begin + length, source_->text.size())};
  }
  std::size_t place(const YAML::Mark& mark) const {
    return std::min(offset_ + static_cast<std::size_t>(std::max(mark.pos, 0)), source_->text.size());
  }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    std::optional<Node> key;  ///< of a mapping, waiting for its value
  };
  struct Anchored {
    Node node;
    std::size_t nodes = 0;
  };

  void open(Node::Type type, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void add(Node node, YAML::anchor_t anchor, std::size_t nodes);
  void count(std::size_t nodes, std::size_t at);
  void check_tag(const std::string& tag, std::size_t at);
  void check_keys(Node& mapping);
  void check_closed(const Span& scalar);
  std::size_t behind_properties(std::size_t at) const;
  std::size_t scalar_end(std::size_t begin, const std::string& value) const;

  SourcePtr source_;
  std::size_t offset_;
  const DocumentLimits& limits_;
  Diagnostics& diagnostics_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

/// Marks point at `&anchor` and `!tag` where there are some; the value itself comes behind.
std::size_t TreeBuilder::behind_properties(std::size_t at) const {
  const auto& text = source_->text;
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(" \t\r\n", at), text.size());
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  }
  return at;
}

std::size_t TreeBuilder::scalar_end(std::size_t begin, const std::string& value) const {
  const auto& text = source_->text;
  if (begin >= text.size()) return begin;
  const char first = text[begin];
  if (first == '|' || first == '>') return std::min(text.find('\n', begin), text.size());
  if (first == '"' || first == '\'') {
    for (std::size_t at = begin + 1; at < text.size(); ++at) {
      const bool doubled =
          first == '\'' && text[at] == first && at + 1 < text.size() && text[at + 1] == first;
      if (doubled || (first == '"' && text[at] == '\\')) {
        ++at;
      } else if (text[at] == first) {
        return at + 1;
      }
    }
    return text.size();
  }
  if (text.compare(begin, value.size(), value) == 0) return begin + value.size();
  return std::min(text.find('\n', begin), text.size());  // a plain scalar that was folded from several lines
}

void TreeBuilder::count(std::size_t nodes, std::size_t at) {
  nodes_ += nodes;
  if (nodes_ <= limits_.nodes) return;
  diagnostics_.error(
      "recipe.alias-bomb",
      "this document grows beyond " + std::to_string(limits_.nodes) + " values when its aliases are expanded",
      span_at(at));
  throw Abandoned{};
}

void TreeBuilder::check_tag(const std::string& tag, std::size_t at) {
  if (tag.empty() || tag == "?" || tag == "!") return;
  static constexpr std::array<std::string_view, 7> core = {"str",  "int", "float", "bool",
                                                           "null", "seq", "map"};
  const bool is_core = tag.compare(0, core_tags.size(), core_tags) == 0;
  if (is_core && std::find(core.begin(), core.end(), tag.substr(core_tags.size())) != core.end()) return;
  diagnostics_.error("recipe.tag", "a recipe takes no YAML tags, found `" + tag + "`", span_at(at),
                     "remove the tag");
}

void TreeBuilder::open(Node::Type type, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
  const auto at = place(mark);
  if (open_.size() >= limits_.depth) {
    diagnostics_.error("recipe.too-deep",
                       "this is nested more than " + std::to_string(limits_.depth) + " levels deep",
                       span_at(at));
    throw Abandoned{};
  }
  check_tag(tag, at);
  Frame frame;
  frame.nodes_before = nodes_;
  count(1, at);
  frame.node.type = type;
  frame.node.span = span_at(behind_properties(at));
  frame.anchor = anchor;
  open_.push_back(std::move(frame));
}

void TreeBuilder::close() {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  add(std::move(frame.node), frame.anchor, nodes_ - frame.nodes_before);
}

void TreeBuilder::add(Node node, YAML::anchor_t anchor, std::size_t nodes) {
  if (anchor != 0) anchors_[anchor] = {node, nodes};
  if (open_.empty()) {
    root = std::move(node);
    return;
  }
  auto& parent = open_.back();
  if (parent.node.is_sequence()) {
    parent.node.items.push_back(std::move(node));
  } else if (!parent.key) {
    parent.key = std::move(node);
  } else {
    parent.node.entries.emplace_back(std::move(*parent.key), std::move(node));
    parent.key.reset();
  }
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto at = behind_properties(place(mark));
  count(1, at);
  Node node;
  node.span = span_at(at);
  // The mark of an empty value is where the next thing begins; the person has to look at its key.
  const bool has_key = !open_.empty() && open_.back().key;
  if (has_key && source_->text.find('\n', open_.back().key->span.end) < at)
    node.span = open_.back().key->span;
  if (at < source_->text.size() && source_->text[at] == '~') {  // a home folder, not YAML's nothing
    node.type = Node::Type::scalar;
    node.text = "~";
  }
  add(std::move(node), anchor, 1);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  check_tag(tag, place(mark));
  const auto at = behind_properties(place(mark));
  count(1, at);
  Node node;
  node.type = Node::Type::scalar;
  node.span = {source_, at, std::max(scalar_end(at, value), at)};
  node.quoted = at < source_->text.size() &&
                std::string_view("\"'|>").find(source_->text[at]) != std::string_view::npos;
  node.text = value;
  check_closed(node.span);
  add(std::move(node), anchor, 1);
}

/// yaml-cpp takes the end of the file for a closing quote.
void TreeBuilder::check_closed(const Span& scalar) {
  const auto& text = source_->text;
  if (scalar.begin >= text.size()) return;
  const char first = text[scalar.begin];
  if (first != '"' && first != '\'') return;
  if (scalar.end > scalar.begin + 1 && text[scalar.end - 1] == first) return;
  diagnostics_.error("recipe.syntax", "a quoted text is not closed", span_at(scalar.begin));
  throw Abandoned{};
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto at = place(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    diagnostics_.error("recipe.alias-bomb", "an alias cannot stand inside the value that it names",
                       span_at(at));
    throw Abandoned{};
  }
  count(found->second.nodes, at);
  add(found->second.node, 0, found->second.nodes);
}

/// Reports keys that cannot be, and takes them out: what follows need not tell of them again.
void TreeBuilder::check_keys(Node& mapping) {
  std::unordered_map<std::string, Span> seen;
  const auto is_wrong = [&](const std::pair<Node, Node>& entry) {
    const auto& key = entry.first;
    if (!key.is_scalar()) {
      diagnostics_.error("recipe.key-type", "expected a name as the key, found " + describe_type(key),
                         key.span);
      return true;
    }
    if (key.text == "<<" && !key.quoted) {
      diagnostics_.error("recipe.merge-key", "YAML's merge key `<<` is not part of the recipe language",
                         key.span, "write the attributes out, or share them with `include` and `vars`");
      return true;
    }
    const auto [first, fresh] = seen.emplace(key.text, key.span);
    if (fresh) return false;
    diagnostics_.report({Severity::error,
                         "recipe.duplicate-key",
                         "the key `" + key.text + "` stands here twice",
                         key.span,
                         {{first->second, "first given here"}},
                         std::nullopt});
    return true;
  };
  auto& entries = mapping.entries;
  entries.erase(std::remove_if(entries.begin(), entries.end(), is_wrong), entries.end());
}

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
  const std::size_t offset = source->text.compare(0, 3, byte_order_mark) == 0 ? 3 : 0;
  TreeBuilder builder(source, offset, limits, diagnostics);
  try {
    // The end of the document is said, since yaml-cpp up to 0.6 never ends in brackets that nobody closes.
    std::istringstream stream(source->text.substr(offset) + (guard.open_quote ? "" : "\n...\n"));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Abandoned&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    report_syntax(error, builder.span_at(builder.place(error.mark)), diagnostics);
    return std::nullopt;
  }
  if (!builder.root) {
    Node empty;
    empty.span = builder.span_at(0);
    return empty;
  }
  return std::move(builder.root);  // also with mistakes in it: what follows may find more of them
}

}  // namespace mlenv
