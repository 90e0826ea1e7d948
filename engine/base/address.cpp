#include "base/address.hpp"

namespace mlenv {

std::optional<Address> Address::parse(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return std::nullopt;
  return Address{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

}  // namespace mlenv
