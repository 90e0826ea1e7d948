#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// True for 0 to 9, whatever the locale.
constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
/// The digits that stand at a byte offset of the text; empty when there are none.
std::string_view digits_at(std::string_view text, std::size_t offset);
/// The digits without zeros in front; `0` when nothing else is left.
std::string_view without_leading_zeros(std::string_view digits);
/// Digit strings of any length by the number that they write; the empty string counts as zero.
std::strong_ordering compare_digits(std::string_view left, std::string_view right);

/// A version as NVIDIA drivers, CUDA, kernels and operating systems write it: numbers with dots, and perhaps
/// more behind (`450.80.02`, `20.04`, `5.15.0-91-generic`). Only the numbers take part in the order.
class DottedVersion {
 public:
  /// Nothing unless the text begins with a number and holds only letters, digits and `.-+_~:`.
  static std::optional<DottedVersion> parse(std::string_view text);
  /// The text as written, without white space around it.
  const std::string& str() const { return text_; }
  /// True when nothing follows the numbers.
  bool is_plain() const { return plain_; }
  /// True when the components of the prefix are the first ones here: 11.8 starts with 11, 110 does not.
  bool starts_with(const DottedVersion& prefix) const;

  /// By number from the left; components that are missing are zero, so that 450.80 equals 450.80.0.
  std::strong_ordering operator<=>(const DottedVersion& other) const;
  bool operator==(const DottedVersion& other) const { return (*this <=> other) == 0; }

 private:
  std::string_view component(std::size_t index) const;

  std::string text_;
  std::vector<std::string> components_;
  bool plain_ = true;
};

/// One comparison of a DottedRange. `prefix` is the one without an operator.
struct DottedComparison {
  enum class Op { prefix, eq, ne, ge, gt, le, lt };
  Op op = Op::prefix;
  DottedVersion version;

  /// Reads `>=3.5`, `==8.6`, `=8.6`, `8.6` and the like; only plain versions can be compared with.
  static std::optional<DottedComparison> parse(std::string_view text);
  bool allows(const DottedVersion& candidate) const;
  std::string str() const;
  bool operator==(const DottedComparison&) const = default;
};

/// Comparisons with commas between them, all of which must hold: `>=3.5,<9`. A bare version asks for the
/// components that it gives: `11` allows 11.0 and 11.8, `==11` allows 11.0 alone.
class DottedRange {
 public:
  /// Nothing when the list or one of its items is empty or cannot be read.
  static std::optional<DottedRange> parse(std::string_view text);
  bool contains(const DottedVersion& candidate) const;
  /// The comparisons in the order written, without white space.
  std::string str() const;
  bool operator==(const DottedRange&) const = default;

 private:
  std::vector<DottedComparison> comparisons_;
};

}  // namespace mlenv
