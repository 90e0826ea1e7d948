#include "base/deb_version.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/dotted_version.hpp"
#include "base/text.hpp"

namespace mlenv {

namespace {

using Op = DebConstraint::Op;

// Longer spellings first; the first of each operator is the one that is shown.
constexpr std::array<std::pair<std::string_view, Op>, 8> spellings{{
    {">=", Op::ge},
    {"<=", Op::le},
    {">>", Op::gt},
    {"<<", Op::lt},
    {"==", Op::eq},
    {"=", Op::eq},
    {">", Op::gt},
    {"<", Op::lt},
}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool holds_only(std::string_view text, std::string_view marks) {
  return std::all_of(text.begin(), text.end(), [marks](char c) {
    return is_letter(c) || is_ascii_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

std::string_view without_digits(std::string_view text) {
  const auto first = std::find_if(text.begin(), text.end(), is_ascii_digit);
  return text.substr(0, static_cast<std::size_t>(first - text.begin()));
}

// The order of single characters: a tilde before the end of the part, that before letters, those before the
// rest.
int weight_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  if (text[at] == '~') return -1;
  const int code = static_cast<unsigned char>(text[at]);
  return is_letter(text[at]) ? code : code + 256;
}

std::strong_ordering compare_marks(std::string_view left, std::string_view right) {
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    if (const auto order = weight_at(left, i) <=> weight_at(right, i); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

// Upstream or revision: runs of non-digits and of digits take turns.
std::strong_ordering compare_part(std::string_view left, std::string_view right) {
  while (!left.empty() || !right.empty()) {
    const auto left_marks = without_digits(left), right_marks = without_digits(right);
    if (const auto order = compare_marks(left_marks, right_marks); order != 0) return order;
    left.remove_prefix(left_marks.size());
    right.remove_prefix(right_marks.size());
    const auto left_digits = digits_at(left, 0), right_digits = digits_at(right, 0);
    if (const auto order = compare_digits(left_digits, right_digits); order != 0) return order;
    left.remove_prefix(left_digits.size());
    right.remove_prefix(right_digits.size());
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::optional<DebVersion> DebVersion::parse(std::string_view text) {
  text = trim(text);
  DebVersion version;
  version.text_ = std::string(text);
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) {
    version.epoch_ = std::string(digits_at(text, 0));
    if (colon == 0 || version.epoch_.size() != colon) return std::nullopt;
    text.remove_prefix(colon + 1);
  }
  const auto dash = text.rfind('-');
  if (dash != std::string_view::npos) {
    version.revision_ = std::string(text.substr(dash + 1));
    if (version.revision_.empty() || !holds_only(version.revision_, "+.~")) return std::nullopt;
    text = text.substr(0, dash);
  }
  if (digits_at(text, 0).empty() || !holds_only(text, "+-.~:")) return std::nullopt;
  version.upstream_ = std::string(text);
  return version;
}

std::strong_ordering DebVersion::operator<=>(const DebVersion& other) const {
  if (const auto order = compare_digits(epoch_, other.epoch_); order != 0) return order;
  if (const auto order = compare_part(upstream_, other.upstream_); order != 0) return order;
  return compare_part(revision_, other.revision_);
}

std::optional<DebConstraint> DebConstraint::parse(std::string_view text) {
  text = trim(text);
  Op op = Op::eq;
  for (const auto& [spelling, meaning] : spellings) {
    if (text.substr(0, spelling.size()) != spelling) continue;
    op = meaning;
    text.remove_prefix(spelling.size());
    break;
  }
  auto version = DebVersion::parse(text);
  if (!version) return std::nullopt;
  return DebConstraint{op, std::move(*version)};
}

bool DebConstraint::allows(const DebVersion& candidate) const {
  const auto order = candidate <=> version;
  switch (op) {
    case Op::eq:
      return order == 0;
    case Op::ge:
      return order >= 0;
    case Op::gt:
      return order > 0;
    case Op::le:
      return order <= 0;
    case Op::lt:
      return order < 0;
  }
  return false;
}

std::string DebConstraint::str() const {
  for (const auto& [spelling, meaning] : spellings) {
    const bool doubled_equal = spelling == "==";
    if (meaning == op && !doubled_equal) return std::string(spelling) + version.str();
  }
  return version.str();
}

}  // namespace mlenv
