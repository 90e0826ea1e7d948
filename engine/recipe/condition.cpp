#include "recipe/condition.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "recipe/condition_term.hpp"

namespace mlenv {
namespace {

Truth negated(Truth truth) {
  return truth == Truth::yes ? Truth::no : truth == Truth::no ? Truth::yes : Truth::unknown;
}

/// All must hold.
Truth all_of(const std::vector<Answer>& answers) {
  Truth truth = Truth::yes;
  for (const auto& answer : answers) {
    if (answer.truth == Truth::no) return Truth::no;
    if (answer.truth == Truth::unknown) truth = Truth::unknown;
  }
  return truth;
}

}  // namespace

std::optional<Condition> Condition::parse(const Node& node, Diagnostics& diagnostics) {
  auto terms = parse_terms(node, diagnostics);
  if (!terms) return std::nullopt;
  Condition condition;
  condition.terms_ = std::move(*terms);
  return condition;
}

std::vector<Answer> Condition::failures(const Facts& facts) const {
  std::vector<Answer> failures;
  for (const auto& term : terms_) {
    auto answer = term->ask(facts);
    if (term->negated) {
      answer.truth = negated(answer.truth);
      answer.asked = "not " + answer.asked;
    }
    if (answer.truth != Truth::yes) failures.push_back(std::move(answer));
  }
  return failures;
}

Truth Condition::holds(const Facts& facts) const { return all_of(failures(facts)); }

}  // namespace mlenv
