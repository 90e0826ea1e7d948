#include "knowledge/compute_capability.hpp"

#include <algorithm>

#include "base/dotted_version.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

std::optional<int> small_number(std::string_view text) {
  if (text.empty() || text.size() > 2 || !std::all_of(text.begin(), text.end(), is_ascii_digit)) return {};
  int number = 0;
  for (const char digit : text) number = number * 10 + (digit - '0');
  return number;
}

}  // namespace

std::optional<ComputeCapability> ComputeCapability::parse(std::string_view text) {
  text = trim(text);
  for (const std::string_view prefix : {"sm_", "compute_"}) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  }
  auto dot = text.find('.');
  const bool dotted = dot != std::string_view::npos;
  if (!dotted) {
    if (text.size() < 2) return std::nullopt;
    dot = text.size() - 1;
  }
  const auto major_part = small_number(text.substr(0, dot));
  const auto minor_part = small_number(text.substr(dot + (dotted ? 1 : 0)));
  if (!major_part || !minor_part) return std::nullopt;
  return ComputeCapability{*major_part, *minor_part};
}

std::string ComputeCapability::str() const {
  return std::to_string(major_part) + "." + std::to_string(minor_part);
}

}  // namespace mlenv
