#include "adopt/draft.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mlenv {

std::string literal(const std::string& text) { return replace_all(text, "${", "$${"); }

void doubt(Draft& draft, const DraftPlace& place, const std::string& reason) {
  auto& entries = draft.sections.at(place.section).entries;
  auto& entry = entries.at(place.entry);
  if (!place.name || entry.names.size() < 2) {
    entry.doubt = reason;
    return;
  }
  const auto at = entry.names.begin() + static_cast<std::ptrdiff_t>(*place.name);
  auto alone = entry;
  alone.names = {*at};
  alone.doubt = reason;
  entry.names.erase(at);
  // Behind all others, so that the places of these stay what they are.
  entries.push_back(std::move(alone));
}

DraftCount count_resources(const Draft& draft) {
  DraftCount count;
  for (const auto& section : draft.sections) {
    for (const auto& entry : section.entries)
      (entry.doubt.empty() ? count.declared : count.doubtful) += entry.names.size();
  }
  return count;
}

}  // namespace mlenv
