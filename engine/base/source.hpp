#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace mlenv {

/// A text and the name under which a person knows it (the path as given on the command line).
struct Source {
  std::string name;
  std::string text;
};
using SourcePtr = std::shared_ptr<const Source>;

/// A line and column as people count them: from one, columns in characters (UTF-8 code points), not bytes.
struct Position {
  std::size_t line = 0;
  std::size_t column = 0;
  bool operator==(const Position&) const = default;
};

/// The bytes [begin, end) of a source. Line and column are worked out only when something is shown.
struct Span {
  SourcePtr source;
  std::size_t begin = 0;
  std::size_t end = 0;

  explicit operator bool() const { return source != nullptr; }
  Position position() const;
  /// The whole line on which the span begins, without its line ending.
  std::string_view line_text() const;
};

}  // namespace mlenv
