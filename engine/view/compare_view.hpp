#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "compare/comparison.hpp"
#include "view/style.hpp"

namespace mlenv {

/// Where a portrait comes from: `this host`, or the file of a record.
struct ComparedSide {
  std::string source;
  const Portrait& portrait;
};

/// The document `mlenvctl.compare/1`: what differs, what only one side tells, and what does not go together
/// on either.
nlohmann::ordered_json compare_document(const ComparedSide& left, const ComparedSide& right,
                                        const Comparison& comparison);

/// That document as text: what decides on the GPU first. Long lists of packages are opened by -v.
std::string compare_text(const nlohmann::ordered_json& document, const Style& style);
/// The same for a pull request or an issue.
std::string compare_markdown(const nlohmann::ordered_json& document);

}  // namespace mlenv
