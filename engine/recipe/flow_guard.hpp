#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace mlenv {

/// What of a YAML text yaml-cpp up to 0.6 never comes to the end of, and where its lines begin.
struct FlowGuard {
  /// Where a `:` stands right before a `]` inside a flow collection, outside of quotes, comments and block
  /// scalars: its scanner takes the colon for a plain scalar, and that scalar for empty, for ever.
  std::optional<std::size_t> endless_colon;
  /// The text ends within quotes.
  bool open_quote = false;
  /// Where lines begin in block style: outside of quotes, brackets and block scalars, which may span lines.
  std::vector<std::size_t> lines;
};

FlowGuard guard_flow(std::string_view text);

}  // namespace mlenv
