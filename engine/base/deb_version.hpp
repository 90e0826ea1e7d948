#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace mlenv {

/// A Debian package version, `[epoch:]upstream[-revision]`, with the parts and the order of deb-version(7).
class DebVersion {
 public:
  /// Nothing unless the upstream part begins with a digit and every part holds only the characters of
  /// deb-version(7).
  static std::optional<DebVersion> parse(std::string_view text);
  /// The text as written, without white space around it.
  const std::string& str() const { return text_; }

  /// The order of `dpkg --compare-versions`; `1.0`, `0:1.0` and `1.0-0` are equal.
  std::strong_ordering operator<=>(const DebVersion& other) const;
  bool operator==(const DebVersion& other) const { return (*this <=> other) == 0; }

 private:
  std::string text_;
  std::string epoch_;
  std::string upstream_;
  std::string revision_;
};

/// What a package version must satisfy: `>=450.80.02`, `<< 2`, `=1.2` or a bare version, which means the same
/// as `=`.
struct DebConstraint {
  enum class Op { eq, ge, gt, le, lt };
  Op op = Op::eq;
  DebVersion version;

  /// Reads the operators `=`, `==`, `>=`, `<=`, `>>`, `<<`, and `>` and `<`, which are strict here as
  /// everywhere but in very old control files.
  static std::optional<DebConstraint> parse(std::string_view text);
  bool allows(const DebVersion& candidate) const;
  /// In dpkg's spelling (`>>`, `<<` for the strict ones), without white space.
  std::string str() const;
  bool operator==(const DebConstraint&) const = default;
};

}  // namespace mlenv
