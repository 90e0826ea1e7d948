#include "resource/fenced_block.hpp"

#include <algorithm>

#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {
namespace {

/// Setting an entry, then taking it out again.
void edit(const std::optional<std::string>& text, const std::string& value) {
  const EditBlock set{"/home/student/.profile", "env", {{"NAME", value}}, {}};
  const auto before = find_block(text.value_or(""), "env");
  const auto edited = edit_block(text, set);
  hold(edited.ok() == before.ok(), "a block that cannot be read is not edited, and the other way round");
  if (!edited || !*edited) return;
  const auto after = find_block(**edited, "env");
  hold(after && *after, "a block that was edited is there");
  const auto& entries = (**after).entries;
  const bool there = std::any_of(entries.begin(), entries.end(), [&](const BlockEntry& each) {
    return each.key == "NAME" && each.text == value;
  });
  hold(there, "an entry that was set reads as it was set");
  hold(edit_block(**edited, set).value() == *edited, "setting it again changes nothing");
  const auto old = text.value_or("");
  const auto begin = *before ? (**before).begin : old.size(), end = *before ? (**before).end : old.size();
  hold((**edited).compare(0, begin, old, 0, begin) == 0, "every byte before the block stays");
  hold(std::string_view(**edited).ends_with(std::string_view(old).substr(end)),
       "every byte behind the block stays");
  if (*before) return;
  const auto removed = edit_block(*edited, {"/home/student/.profile", "env", {}, {"NAME"}});
  hold(removed && *removed == text, "without its last entry the file is as it was before the first");
}

}  // namespace

void fenced_block(std::string_view input) {
  const auto all = parts(input);
  const auto value = all.size() > 1 ? all[1] : std::string("export NAME='value'");
  edit(all[0], value);
  edit(std::nullopt, value);
}

}  // namespace mlenv::fuzz
