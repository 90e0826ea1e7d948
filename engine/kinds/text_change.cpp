#include "kinds/text_change.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/unified_diff.hpp"
#include "kinds/paths.hpp"

namespace mlenv {
namespace {

constexpr unsigned world_readable = 04;

bool is_text(const std::string& bytes) {
  return bytes.find('\0') == std::string::npos && !first_bad_utf8(bytes);
}

}  // namespace

std::string shown_change(const TextChange& change) {
  constexpr std::size_t largest = std::size_t{256} * 1024;
  if (change.before == change.after || !is_text(change.before) || !is_text(change.after)) return {};
  if (change.from_environment) return "(not shown: it holds values of the environment)\n";
  for (const auto mode : change.modes)
    if ((mode & world_readable) == 0) return "(not shown: mode " + octal_text(mode) + ")\n";
  if (std::max(change.before.size(), change.after.size()) > largest)
    return "(not shown: it is larger than 256 KiB)\n";
  return unified_diff(change.path, change.before, change.after);
}

std::string content_digest(const std::string& bytes) {
  return "sha256:" + sha256_hex(bytes).substr(0, 12) + " (" + std::to_string(bytes.size()) + " bytes)";
}

}  // namespace mlenv
