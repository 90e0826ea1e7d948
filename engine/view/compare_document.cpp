#include "base/text.hpp"
#include "view/compare_view.hpp"

namespace mlenv {
namespace {

using Json = nlohmann::ordered_json;

/// Null where there is nothing; what cannot be told is an object that says why.
Json value_document(const Fact<std::string>& fact) {
  if (const auto* value = known(fact)) return mask_credentials(*value);
  if (const auto* unknown = std::get_if<Unknown>(&fact)) return {{"unknown", unknown->why}};
  return nullptr;
}

Json contrast_document(const Contrast& contrast) {
  return {{"section", contrast.section},
          {"name", contrast.name},
          {"left", value_document(contrast.left)},
          {"right", value_document(contrast.right)},
          {"gpu", contrast.gpu}};
}

Json side_document(const ComparedSide& side) {
  const auto& portrait = side.portrait;
  return {{"source", side.source},
          {"hostname", portrait.hostname},
          {"os", portrait.os},
          {"conflicts", portrait.conflicts}};
}

Json list_of(const std::vector<Contrast>& contrasts) {
  Json all = Json::array();
  for (const auto& each : contrasts) all.push_back(contrast_document(each));
  return all;
}

}  // namespace

Json compare_document(const ComparedSide& left, const ComparedSide& right, const Comparison& comparison) {
  std::size_t gpu = 0;
  for (const auto& each : comparison.different) gpu += each.gpu ? 1 : 0;
  return {{"format", "mlenvctl.compare/1"},
          {"left", side_document(left)},
          {"right", side_document(right)},
          {"summary",
           {{"different", comparison.different.size()},
            {"gpu", gpu},
            {"unknown", comparison.untold.size()},
            {"equal", comparison.equal}}},
          {"different", list_of(comparison.different)},
          {"unknown", list_of(comparison.untold)}};
}

}  // namespace mlenv
