#include <algorithm>
#include <array>

#include "base/pep_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

using Op = PepComparison::Op;

// The longest first: `===` begins with `==`.
constexpr std::array<std::pair<std::string_view, Op>, 8> operators = {{{"===", Op::arbitrary},
                                                                       {"~=", Op::compatible},
                                                                       {"==", Op::eq},
                                                                       {"!=", Op::ne},
                                                                       {"<=", Op::le},
                                                                       {">=", Op::ge},
                                                                       {"<", Op::lt},
                                                                       {">", Op::gt}}};

std::string_view operator_text(Op op) {
  return std::find_if(operators.begin(), operators.end(), [&](const auto& each) { return each.second == op; })
      ->first;
}

bool is_equal(const PepComparison& clause, const PepVersion& candidate) {
  if (clause.wildcard) return candidate.has_prefix(*clause.version);
  return clause.version->is_public() ? candidate.without_local() == *clause.version
                                     : candidate == *clause.version;
}

/// `<V` leaves out V's own pre-releases unless V is one itself.
bool is_less(const PepVersion& wanted, const PepVersion& candidate) {
  if (!(candidate < wanted)) return false;
  return wanted.is_prerelease() || !candidate.is_prerelease() || !candidate.same_base(wanted);
}

/// `>V` leaves out V's own post-releases unless V is one itself, and always V's local versions.
bool is_greater(const PepVersion& wanted, const PepVersion& candidate) {
  if (!(candidate > wanted)) return false;
  if (!wanted.is_postrelease() && candidate.is_postrelease() && candidate.same_base(wanted)) return false;
  return candidate.is_public() || !candidate.same_base(wanted);
}

bool fits_operator(const PepComparison& clause) {
  const auto& version = *clause.version;
  switch (clause.op) {
    case Op::compatible:
      return !clause.wildcard && version.is_public() && version.release_size() > 1;
    case Op::eq:
    case Op::ne:
      return !clause.wildcard || version.is_public();
    default:
      return !clause.wildcard && version.is_public();
  }
}

}  // namespace

std::optional<PepComparison> PepComparison::parse(std::string_view text) {
  text = trim(text);
  const auto found = std::find_if(operators.begin(), operators.end(), [&](const auto& each) {
    return text.substr(0, each.first.size()) == each.first;
  });
  if (found == operators.end()) return std::nullopt;
  PepComparison clause;
  clause.op = found->second;
  auto operand = trim(text.substr(found->first.size()));
  if (operand.empty() || operand.find_first_of(" \t,;()") != std::string_view::npos) return std::nullopt;
  if (clause.op == Op::arbitrary) {
    clause.text = std::string(operand);
    clause.version = PepVersion::parse(operand);
    return clause;
  }
  if (operand.size() > 2 && operand.substr(operand.size() - 2) == ".*") {
    clause.wildcard = true;
    operand.remove_suffix(2);
  }
  clause.version = PepVersion::parse(operand);
  if (!clause.version || !fits_operator(clause)) return std::nullopt;
  if (clause.wildcard && clause.version->is_devrelease()) return std::nullopt;
  clause.text = clause.version->str() + (clause.wildcard ? ".*" : "");
  return clause;
}

bool PepComparison::allows(const PepVersion& candidate) const {
  switch (op) {
    case Op::arbitrary:
      return version ? candidate.str() == to_lower(text) || candidate.str() == text
                     : to_lower(text) == candidate.str();
    case Op::eq:
      return is_equal(*this, candidate);
    case Op::ne:
      return !is_equal(*this, candidate);
    case Op::le:
      return candidate.without_local() <= *version;
    case Op::ge:
      return candidate.without_local() >= *version;
    case Op::lt:
      return is_less(*version, candidate);
    case Op::gt:
      return is_greater(*version, candidate);
    case Op::compatible:
      return candidate.without_local() >= *version && candidate.has_prefix(version->release_prefix());
  }
  return false;
}

std::string PepComparison::str() const { return std::string(operator_text(op)) + text; }

std::optional<PepSpecifierSet> PepSpecifierSet::parse(std::string_view text) {
  PepSpecifierSet set;
  if (trim(text).empty()) return set;
  for (const auto part : split(text, ',')) {
    if (trim(part).empty() && !set.clauses_.empty()) continue;  // a comma at the end, as pip allows
    auto clause = PepComparison::parse(part);
    if (!clause) return std::nullopt;
    set.clauses_.push_back(std::move(*clause));
  }
  return set;
}

bool PepSpecifierSet::contains(const PepVersion& candidate) const {
  return std::all_of(clauses_.begin(), clauses_.end(),
                     [&](const auto& clause) { return clause.allows(candidate); });
}

std::string PepSpecifierSet::str() const {
  std::vector<std::string> parts;
  for (const auto& clause : clauses_) parts.push_back(clause.str());
  return join(parts, ",");
}

}  // namespace mlenv
