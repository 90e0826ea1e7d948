#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adopt/draft.hpp"

namespace mlenv {

/// A draft as a recipe file, and what stands on each of its lines (the first is lines[0]).
struct DraftText {
  std::string text;
  std::vector<std::optional<DraftPlace>> lines;
};
DraftText draft_text(const Draft& draft);

/// A text as a YAML scalar on one line: plain where readers of YAML take it for just this text, else in
/// double quotes. What is no UTF-8 becomes `?`, and what is a command to a terminal an escape.
std::string yaml_scalar(std::string_view text);

}  // namespace mlenv
