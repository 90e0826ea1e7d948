#include "base/source.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace mlenv {
namespace {

constexpr std::size_t stretch = 1024;  // bytes between two counts of characters

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::size_t line_begin(std::string_view text, std::size_t offset) {
  if (offset == 0) return 0;
  const auto newline = text.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

/// Where lines and characters of a text are.
class PlaceIndex {
 public:
  explicit PlaceIndex(std::string_view text) : text_(text) {
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
      lines_.push_back(at + 1);
    std::size_t characters = 0;
    for (std::size_t at = 0; at <= text.size(); at += stretch) {
      characters_.push_back(characters);
      characters += count_characters(text.substr(at, stretch));
    }
  }

  Position position(std::size_t offset) const {
    const auto behind = std::upper_bound(lines_.begin(), lines_.end(), offset);
    return {static_cast<std::size_t>(behind - lines_.begin()),
            characters_before(offset) - characters_before(*(behind - 1)) + 1};
  }

 private:
  std::size_t characters_before(std::size_t offset) const {
    const auto begin = offset / stretch * stretch;
    return characters_[offset / stretch] + count_characters(text_.substr(begin, offset - begin));
  }

  std::string_view text_;
  std::vector<std::size_t> lines_ = {0};  ///< offsets at which they begin
  std::vector<std::size_t> characters_;   ///< how many begin before each stretch of the text
};

/// The index of the text that was asked about last: places are asked for file by file. Each thread has its
/// own.
const PlaceIndex& index_of(const SourcePtr& source) {
  thread_local SourcePtr last;
  thread_local std::optional<PlaceIndex> index;
  if (last != source) {
    index.emplace(source->text);
    last = source;
  }
  return *index;
}

}  // namespace

Position Span::position() const {
  if (!source) return {};
  return index_of(source).position(std::min(begin, source->text.size()));
}

std::string_view Span::line_text() const {
  if (!source) return {};
  const std::string_view text = source->text;
  const auto first = line_begin(text, std::min(begin, text.size()));
  auto line = text.substr(first, text.find('\n', first) - first);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace mlenv
