#include "recipe/document.hpp"

namespace mlenv {

Node::Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

const Node* Node::find_key(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &name;
  }
  return nullptr;
}

std::string describe_type(const Node& node) {
  constexpr std::size_t shown = 40;
  switch (node.type) {
    case Node::Type::null:
      return "nothing";
    case Node::Type::sequence:
      return node.items.empty() ? "an empty list" : "a list";
    case Node::Type::mapping:
      return node.entries.empty() ? "an empty mapping" : "a mapping";
    case Node::Type::scalar:
      break;
  }
  if (node.text.empty()) return "an empty text";
  const auto line = node.text.substr(0, node.text.find('\n'));
  return "`" + line.substr(0, shown) + (line.size() > shown || line.size() < node.text.size() ? "…" : "") +
         "`";
}

}  // namespace mlenv
