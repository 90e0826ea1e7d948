#include "base/diagnostic.hpp"

#include <utility>

namespace mlenv {
namespace {

bool is_same(const Diagnostic& left, const Diagnostic& right) {
  return left.code == right.code && left.where.source == right.where.source &&
         left.where.begin == right.where.begin && left.message == right.message;
}

}  // namespace

/// What several resources of one declaration have to say is said once.
void Diagnostics::report(Diagnostic diagnostic) {
  if (!all_.empty() && is_same(all_.back(), diagnostic)) return;
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
