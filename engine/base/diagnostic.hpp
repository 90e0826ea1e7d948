#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/source.hpp"

namespace mlenv {

enum class Severity { note, warning, error };

/// A second place that belongs to a diagnostic ("first declared here").
struct Label {
  Span where;
  std::string text;
};

/// One thing to tell a person, with its place. Codes are stable, dotted and lower case:
/// `recipe.unknown-field`.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;
  std::string message;
  Span where;
  std::vector<Label> labels = {};
  std::optional<std::string> hint = std::nullopt;
};

/// Collects what is wrong with an input, so that one run reports every problem.
class Diagnostics {
 public:
  void report(Diagnostic diagnostic);
  void error(std::string code, std::string message, Span where,
             std::optional<std::string> hint = std::nullopt);
  void warning(std::string code, std::string message, Span where,
               std::optional<std::string> hint = std::nullopt);
  /// True once an error (not a mere warning) was reported.
  bool failed() const { return failed_; }
  std::span<const Diagnostic> all() const { return all_; }

 private:
  std::vector<Diagnostic> all_;
  bool failed_ = false;
};

/// `error`, `warning` or `note`.
std::string_view severity_name(Severity severity);

}  // namespace mlenv
