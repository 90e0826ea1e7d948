#include "host/temporary_name.hpp"

#include <algorithm>
#include <random>

namespace mlenv {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t suffix_length = 8;
constexpr std::size_t longest_stem = 200;  // names end at 255 bytes

std::string stem_of(std::string_view name) {
  return "." + std::string(name.substr(0, longest_stem)) + ".mlenvctl-";
}

}  // namespace

std::string temporary_name(const std::string& name) {
  std::random_device random;
  auto temporary = stem_of(name);
  for (std::size_t i = 0; i < suffix_length; ++i) temporary += letters[random() % letters.size()];
  return temporary;
}

bool is_temporary_of(std::string_view entry, std::string_view name) {
  const auto stem = stem_of(name);
  if (entry.size() != stem.size() + suffix_length || !entry.starts_with(stem)) return false;
  const auto suffix = entry.substr(stem.size());
  return std::all_of(suffix.begin(), suffix.end(),
                     [](char c) { return letters.find(c) != std::string_view::npos; });
}

}  // namespace mlenv
