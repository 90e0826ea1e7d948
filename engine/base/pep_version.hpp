#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mlenv {

/// A Python package version by PEP 440: epoch, release, pre, post, dev and local parts, in their order.
/// Source: https://packaging.python.org/en/latest/specifications/version-specifiers/
class PepVersion {
 public:
  /// Reads every spelling that PEP 440 normalises (`v1.0`, `1.0-Alpha_1`, `1.0-1`); nothing for the rest.
  static std::optional<PepVersion> parse(std::string_view text);
  /// The normalised form: `1.0a1`, `1!2.0.post1.dev3+cu110`.
  const std::string& str() const { return text_; }
  bool is_prerelease() const;  ///< has a pre or a dev part
  /// True without a local label (`+cu110`).
  bool is_public() const { return local_.empty(); }
  bool is_postrelease() const { return post_.has_value(); }
  bool is_devrelease() const { return dev_.has_value(); }
  std::size_t release_size() const { return release_.size(); }
  /// Without the local label.
  PepVersion without_local() const;
  /// Equal in epoch and release numbers, whatever labels follow.
  bool same_base(const PepVersion& other) const;
  /// What `==PREFIX.*` means.
  bool has_prefix(const PepVersion& prefix) const;
  /// Epoch and release without its last number: what `~=` holds fixed.
  PepVersion release_prefix() const;

  std::strong_ordering operator<=>(const PepVersion& other) const;
  bool operator==(const PepVersion& other) const { return (*this <=> other) == 0; }

 private:
  std::string written() const;
  bool starts_with_label(const PepVersion& prefix) const;

  std::string text_;
  // Numbers are digit strings without leading zeros: a version may be longer than any integer.
  std::string epoch_;
  std::vector<std::string> release_;
  std::optional<std::pair<std::string, std::string>> pre_;  ///< a, b or rc; number
  std::optional<std::string> post_;
  std::optional<std::string> dev_;
  std::vector<std::string> local_;
};

/// One clause of a specifier set.
struct PepComparison {
  enum class Op { compatible, eq, ne, le, ge, lt, gt, arbitrary };  // ~= == != <= >= < > ===
  Op op = Op::eq;
  std::string text;                   ///< what stands behind the operator, normalised; for `===` as written
  std::optional<PepVersion> version;  ///< unset only for `===` with text that is no version
  bool wildcard = false;              ///< `==1.7.*`, `!=1.7.*`

  static std::optional<PepComparison> parse(std::string_view text);
  /// By PEP 440 exactly: `==1.7.1` allows `1.7.1+cu110`, `==1.7.1+cu110` does not allow `1.7.1`; `>1.7` does
  /// not allow `1.7.post1` nor `1.7+local`. Whether pre-releases are wanted at all is the caller's question.
  bool allows(const PepVersion& candidate) const;
  std::string str() const;
  bool operator==(const PepComparison& other) const { return op == other.op && str() == other.str(); }
};

/// Clauses with commas between them, all of which must hold. The empty set allows everything.
class PepSpecifierSet {
 public:
  static std::optional<PepSpecifierSet> parse(std::string_view text);
  bool contains(const PepVersion& candidate) const;
  bool empty() const { return clauses_.empty(); }
  const std::vector<PepComparison>& clauses() const { return clauses_; }
  /// The clauses in the order written, without white space.
  std::string str() const;
  bool operator==(const PepSpecifierSet&) const = default;

 private:
  std::vector<PepComparison> clauses_;
};

}  // namespace mlenv
