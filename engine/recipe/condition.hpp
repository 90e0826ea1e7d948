#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "host/facts.hpp"
#include "recipe/document.hpp"

namespace mlenv {

enum class Truth { no, yes, unknown };

/// How a condition turned out on a host, and what to tell: `asked` as in the recipe, `found` as on the host.
struct Answer {
  Truth truth = Truth::yes;
  std::string subject;  ///< os, python, gpu.compute_capability, …
  std::string asked;
  std::string found;
  Span where;
};

/// The one grammar of `requires` and `when`: a map of host conditions, all of which must hold; a list means
/// any of; `not:` negates. Keys: os arch kernel virt gpu driver python hostname not; of gpu: name
/// compute_capability memory count.
class Condition {
 public:
  /// Codes: `condition.unknown-key type version glob os`.
  static std::optional<Condition> parse(const Node& node, Diagnostics& diagnostics);
  /// One answer for each key that does not hold or cannot be told; empty when everything holds.
  std::vector<Answer> failures(const Facts& facts) const;
  /// All together: no beats unknown beats yes.
  Truth holds(const Facts& facts) const;

  struct Term;

 private:
  std::vector<std::shared_ptr<const Term>> terms_;
};

/// The JSON Schema of a condition, as JSON text.
std::string condition_schema();

}  // namespace mlenv
