#include "base/diagnostic.hpp"

#include <utility>

namespace mlenv {

void Diagnostics::report(Diagnostic diagnostic) {
  failed_ = failed_ || diagnostic.severity == Severity::error;
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(std::string code, std::string message, Span where, std::optional<std::string> hint) {
  report({Severity::error, std::move(code), std::move(message), std::move(where), {}, std::move(hint)});
}

void Diagnostics::warning(std::string code, std::string message, Span where,
                          std::optional<std::string> hint) {
  report({Severity::warning, std::move(code), std::move(message), std::move(where), {}, std::move(hint)});
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

}  // namespace mlenv
