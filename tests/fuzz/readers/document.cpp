#include "recipe/document.hpp"

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

}  // namespace

void document(std::string_view input) {
  const auto source = std::make_shared<const Source>(Source{"recipe.yaml", std::string(input)});
  Diagnostics diagnostics;
  const DocumentLimits limits{1 << 20, 64, 20'000};
  const auto root = parse_document(source, diagnostics, limits);
  hold(root || diagnostics.failed(), "what is refused says why");
  if (root) check_places(*root, input.size());
  diagnostics_text(diagnostics, {true, true, 80});
}

}  // namespace mlenv::fuzz
