#include "recipe/flow_guard.hpp"

#include <algorithm>
#include <utility>

namespace mlenv {
namespace {

/// Follows a YAML text only as far as is needed to know what is quoted, commented, and in brackets.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  bool in_quote() const { return in_quote_; }
  std::vector<std::size_t>& lines() { return lines_; }

  std::optional<std::size_t> find() {
    while (at_ < text_.size()) {
      if (depth_ == 0 && (at_ == 0 || text_[at_ - 1] == '\n')) begin_line();
      if (at_ >= text_.size()) break;
      if (depth_ > 0 && text_[at_] == ':' && next() == ']') return at_;
      step();
    }
    return std::nullopt;
  }

 private:
  char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\n'; }
  bool ends_word(char c) const { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  std::size_t column() const {
    const auto line = at_ == 0 ? std::string_view::npos : text_.rfind('\n', at_ - 1);
    return line == std::string_view::npos ? at_ : at_ - line - 1;
  }
  void to_line_end() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  /// A new line of block style: skips what belongs to a block scalar above it.
  void begin_line() {
    fresh_ = true;
    while (in_block_ && at_ < text_.size()) {
      const auto content = text_.find_first_not_of(' ', at_);
      const bool blank =
          content == std::string_view::npos || text_[content] == '\n' || text_[content] == '\r';
      if (!blank && content - at_ <= parent_) in_block_ = false;
      if (in_block_) at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    }
    if (at_ < text_.size()) lines_.push_back(at_);
    key_ = std::min(text_.find_first_not_of(' ', at_), text_.size()) - at_;
  }

  void step() {
    const char c = text_[at_];
    const bool after_blank = at_ == 0 || ends_word(text_[at_ - 1]);
    if (c == '#' && after_blank) return to_line_end();
    if (fresh_ && (c == '"' || c == '\'')) return skip_quoted(c);
    if (depth_ > 0) return step_in_flow(c);
    step_in_block(c);
  }

  void step_in_flow(char c) {
    if (c == '[' || c == '{') ++depth_;
    if (c == ']' || c == '}') --depth_;
    const bool separates = c == '[' || c == '{' || c == ',' || (c == ':' && ends_word(next()));
    if (separates) {
      fresh_ = true;
    } else if (!ends_word(c)) {
      fresh_ = false;
    }
    ++at_;
  }

  void step_in_block(char c) {
    if (!fresh_) {
      if (c == ':' && ends_word(next())) fresh_ = true;
    } else if (c == '[' || c == '{') {
      ++depth_;
    } else if (c == '|' || c == '>') {
      in_block_ = true;
      parent_ = key_;
      return to_line_end();
    } else if (c == '&' || c == '!') {
      at_ = std::min(text_.find_first_of(" \t\r\n", at_), text_.size());
      return;
    } else if (!ends_word(c) && !((c == '-' || c == '?') && ends_word(next()))) {
      fresh_ = false;
      key_ = column();
    }
    ++at_;
  }

  void skip_quoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      const bool doubled = quote == '\'' && text_[at_] == quote && next() == quote;
      if (doubled || (quote == '"' && text_[at_] == '\\')) {
        ++at_;
      } else if (text_[at_] == quote) {
        break;
      }
    }
    in_quote_ = at_ >= text_.size();
    at_ = std::min(at_ + 1, text_.size());
    fresh_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool fresh_ = true;       ///< a value may begin here
  bool in_quote_ = false;   ///< in a quoted scalar that does not end
  bool in_block_ = false;   ///< in a block scalar
  std::size_t parent_ = 0;  ///< column that a block scalar's lines must go beyond
  std::size_t key_ = 0;     ///< column of the last key of the line
  std::vector<std::size_t> lines_;
};

}  // namespace

FlowGuard guard_flow(std::string_view text) {
  Walker walker(text);
  const auto colon = walker.find();
  return {colon, walker.in_quote(), std::move(walker.lines())};
}

}  // namespace mlenv
