#include "kinds/apt_sources.hpp"

#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {
namespace {

bool same_but_for_place(SourceEntry left, SourceEntry right) {
  left.begin = left.end = right.begin = right.end = 0;
  return left == right;
}

/// Switching one entry off takes it out, and leaves the others and every byte around it.
void switch_off(const std::string& file, const std::string& text, const std::vector<SourceEntry>& entries,
                std::size_t which) {
  const auto& entry = entries[which];
  const auto changed = without_entry(text, entry);
  hold(changed.substr(0, entry.begin) == text.substr(0, entry.begin), "what stands before an entry stays");
  hold(std::string_view(changed).ends_with(std::string_view(text).substr(entry.end)),
       "what stands behind an entry stays");
  const auto left = parse_sources(file, changed);
  hold(left.size() + 1 == entries.size(), "an entry that is switched off is gone");
  for (std::size_t i = 0; i < left.size(); ++i)
    hold(same_but_for_place(left[i], entries[i < which ? i : i + 1]), "the other entries stay");
}

void read_file(const std::string& file, const std::string& text) {
  const auto entries = parse_sources(file, text);
  std::size_t behind = 0;
  for (std::size_t i = 0; i < entries.size() && i < 20; ++i) {
    const auto& entry = entries[i];
    hold(entry.begin >= behind && entry.begin < entry.end && entry.end <= text.size(),
         "entries stand in the text, one behind the other");
    behind = entry.end;
    const auto& other = entries[i / 2];
    hold(same_archive(entry, other) == same_archive(other, entry), "being the same archive is mutual");
    switch_off(file, text, entries, i);
  }
}

}  // namespace

void apt_sources(std::string_view input) {
  read_file("/etc/apt/sources.list", std::string(input));
  read_file("/etc/apt/sources.list.d/x.sources", std::string(input));
}

}  // namespace mlenv::fuzz
