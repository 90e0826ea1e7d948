#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/diagnostic.hpp"
#include "view/style.hpp"

namespace mlenv {

/// A diagnostic for people: `FILE:LINE:COLUMN: error: message [code]`, the source line with a caret under
/// what is meant, the same for each label, and the hint. Without a place only the message and the hint.
std::string diagnostic_text(const Diagnostic& diagnostic, const Style& style);
/// All of them, in the order reported.
std::string diagnostics_text(const Diagnostics& diagnostics, const Style& style);
/// `{"format": "mlenvctl.findings/1", "findings": […]}`, each finding as in a plan's document.
nlohmann::ordered_json diagnostics_document(const Diagnostics& diagnostics);

}  // namespace mlenv
