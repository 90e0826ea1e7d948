#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace mlenv {

/// The name of a resource in a recipe: `KIND.NAME`, such as `venv.torch` or `pip_package.torch/numpy`.
struct Address {
  std::string kind;
  std::string name;

  /// Splits at the first dot; nothing when either side would be empty.
  static std::optional<Address> parse(std::string_view text);
  std::string str() const { return kind + "." + name; }
  auto operator<=>(const Address&) const = default;
};

}  // namespace mlenv
