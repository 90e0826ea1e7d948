#include "recipe/tree_builder.hpp"

#include <array>
#include <unordered_map>

namespace mlenv {
namespace {

constexpr std::string_view core_tags = "tag:yaml.org,2002:";

}  // namespace

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

}  // namespace mlenv
