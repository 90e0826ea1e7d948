#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace mlenv {

/// A YAML text cut between items of its long list of resources, so that the parts can be read at the same
/// time.
struct ListParts {
  /// Where each part begins, at the `- ` of an item; a part ends where the next one begins, the last at
  /// `end`. The first items stay with what stands before and behind the list.
  std::vector<std::size_t> begins;
  std::size_t end = 0;

  std::size_t end_of(std::size_t part) const { return part + 1 < begins.size() ? begins[part + 1] : end; }
};

/// Cuts into at most `count` pieces of some `piece` bytes or more, what stays included. No parts where the
/// list is short, or where pieces could mean something else alone (anchors, tags, an indentation that is not
/// that of a list). `lines`: where lines of block style begin (guard_flow).
ListParts list_parts(std::string_view text, const std::vector<std::size_t>& lines, std::size_t count,
                     std::size_t piece);

}  // namespace mlenv
