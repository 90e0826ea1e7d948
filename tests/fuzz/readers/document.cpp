#include "recipe/document.hpp"

#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "view/diagnostic_text.hpp"

namespace mlenv::fuzz {
namespace {

void check_places(const Node& node, std::size_t size) {
  hold(node.span.begin <= node.span.end && node.span.end <= size, "a value's place is within its source");
  for (const auto& item : node.items) check_places(item, size);
  for (const auto& [key, value] : node.entries) {
    hold(key.is_scalar(), "keys are names");
    check_places(key, size);
    check_places(value, size);
  }
}

bool same(const Node& a, const Node& b) {
  const auto all = [](const auto& left, const auto& right, auto same_one) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same_one);
  };
  return a.type == b.type && a.text == b.text && a.quoted == b.quoted && a.span.begin == b.span.begin &&
         a.span.end == b.span.end && all(a.items, b.items, same) &&
         all(a.entries, b.entries, [](const auto& left, const auto& right) {
           return same(left.first, right.first) && same(left.second, right.second);
         });
}

/// A list that is read in parts is the list that is read as a whole.
void check_parts(const SourcePtr& source, DocumentLimits limits, const std::optional<Node>& whole,
                 const Diagnostics& told) {
  limits.readers = 3;
  limits.piece = 16;
  Diagnostics diagnostics;
  const auto root = parse_document(source, diagnostics, limits);
  hold(root.has_value() == whole.has_value() && diagnostics.all().size() == told.all().size(),
       "parts are refused as the whole is");
  hold(!root || same(*root, *whole), "parts mean what the whole does");
}

}  // namespace

void document(std::string_view input) {
  const auto source = std::make_shared<const Source>(Source{"recipe.yaml", std::string(input)});
  Diagnostics diagnostics;
  const DocumentLimits limits{1 << 20, 64, 20'000};
  const auto root = parse_document(source, diagnostics, limits);
  hold(root || diagnostics.failed(), "what is refused says why");
  if (root) check_places(*root, input.size());
  check_parts(source, limits, root, diagnostics);
  diagnostics_text(diagnostics, {true, true, 80});
}

}  // namespace mlenv::fuzz
