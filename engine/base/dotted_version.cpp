#include "base/dotted_version.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace mlenv {

namespace {

using Op = DottedComparison::Op;

// Longer spellings first; the first of each operator is the one that is shown.
constexpr std::array<std::pair<std::string_view, Op>, 7> spellings{{
    {">=", Op::ge},
    {"<=", Op::le},
    {"==", Op::eq},
    {"!=", Op::ne},
    {">", Op::gt},
    {"<", Op::lt},
    {"=", Op::eq},
}};

bool is_suffix_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || is_ascii_digit(c) || std::string_view(".-+_~:").find(c) != std::string_view::npos;
}

// `1.` and `1..2` are slips of the pen, `3.10.0.el7` is not.
bool is_suffix(std::string_view text) {
  const bool stray_dot = text == "." || text.substr(0, 2) == "..";
  return !stray_dot && std::all_of(text.begin(), text.end(), is_suffix_character);
}

}  // namespace

std::string_view digits_at(std::string_view text, std::size_t offset) {
  std::size_t end = offset;
  while (end < text.size() && is_ascii_digit(text[end])) ++end;
  return offset < end ? text.substr(offset, end - offset) : std::string_view{};
}

std::string_view without_leading_zeros(std::string_view digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view("0") : digits.substr(first);
}

std::strong_ordering compare_digits(std::string_view left, std::string_view right) {
  left = without_leading_zeros(left);
  right = without_leading_zeros(right);
  if (const auto order = left.size() <=> right.size(); order != 0) return order;
  return left.compare(right) <=> 0;
}

std::optional<DottedVersion> DottedVersion::parse(std::string_view text) {
  DottedVersion version;
  version.text_ = std::string(trim(text));
  const std::string_view whole = version.text_;
  std::size_t at = 0;
  for (auto digits = digits_at(whole, at); !digits.empty(); digits = digits_at(whole, at + 1)) {
    if (!version.components_.empty()) ++at;
    version.components_.emplace_back(without_leading_zeros(digits));
    at += digits.size();
    if (at >= whole.size() || whole[at] != '.') break;
  }
  if (version.components_.empty() || !is_suffix(whole.substr(at))) return std::nullopt;
  version.plain_ = at == whole.size();
  return version;
}

std::string_view DottedVersion::component(std::size_t index) const {
  return index < components_.size() ? std::string_view(components_[index]) : std::string_view("0");
}

bool DottedVersion::starts_with(const DottedVersion& prefix) const {
  for (std::size_t i = 0; i < prefix.components_.size(); ++i) {
    if (component(i) != prefix.component(i)) return false;
  }
  return true;
}

std::strong_ordering DottedVersion::operator<=>(const DottedVersion& other) const {
  const auto count = std::max(components_.size(), other.components_.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto order = compare_digits(component(i), other.component(i)); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::optional<DottedComparison> DottedComparison::parse(std::string_view text) {
  text = trim(text);
  Op op = Op::prefix;
  for (const auto& [spelling, meaning] : spellings) {
    if (text.substr(0, spelling.size()) != spelling) continue;
    op = meaning;
    text.remove_prefix(spelling.size());
    break;
  }
  auto version = DottedVersion::parse(text);
  if (!version || !version->is_plain()) return std::nullopt;
  return DottedComparison{op, std::move(*version)};
}

bool DottedComparison::allows(const DottedVersion& candidate) const {
  const auto order = candidate <=> version;
  switch (op) {
    case Op::prefix:
      return candidate.starts_with(version);
    case Op::eq:
      return order == 0;
    case Op::ne:
      return order != 0;
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

std::string DottedComparison::str() const {
  for (const auto& [spelling, meaning] : spellings) {
    if (meaning == op) return std::string(spelling) + version.str();
  }
  return version.str();
}

std::optional<DottedRange> DottedRange::parse(std::string_view text) {
  DottedRange range;
  for (const auto item : split(text, ',')) {
    auto comparison = DottedComparison::parse(item);
    if (!comparison) return std::nullopt;
    range.comparisons_.push_back(std::move(*comparison));
  }
  return range;
}

bool DottedRange::contains(const DottedVersion& candidate) const {
  const auto allows = [&](const DottedComparison& comparison) { return comparison.allows(candidate); };
  return std::all_of(comparisons_.begin(), comparisons_.end(), allows);
}

std::string DottedRange::str() const {
  std::vector<std::string> texts;
  for (const auto& comparison : comparisons_) texts.push_back(comparison.str());
  return join(texts, ",");
}

}  // namespace mlenv
