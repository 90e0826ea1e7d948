#include "view/screen_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "view/html_text.hpp"

namespace mlenv::fuzz {
namespace {

bool is_safe(std::string_view text) {
  const bool controls = std::any_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return !controls && !first_bad_utf8(text);
}

bool is_markup(std::string_view text) { return text.find_first_of("<>\"'") != std::string_view::npos; }

}  // namespace

/// What a person sees on a screen or a page of a text from anywhere.
void screen_text(std::string_view input) {
  const auto shown = visible(input);
  hold(is_safe(shown), "what is shown moves no cursor and is UTF-8");
  for (const std::size_t width : {1U, 2U, 7U, 80U}) {
    const auto short_text = cut(shown, width);
    hold(columns(short_text) <= std::max<std::size_t>(width, 1), "what is cut fits");
    for (const auto& line : wrapped(shown, width))
      hold(columns(line) <= width || line.find(' ') == std::string::npos, "lines are wrapped between words");
    hold(columns(padded(short_text, width)) >= std::min(width, columns(shown)),
         "what is padded is wide enough");
  }
  hold(is_safe(html_line(input)), "a line of a page is safe");
  hold(!is_markup(html(input)) && !is_markup(html_line(input)),
       "nothing is left that a browser takes for markup");
  prose(input);
  html_block(input);
  const auto masked = mask_credentials(input);
  hold(mask_credentials(masked) == masked, "what is masked stays as it is");
  percent_decoded(input);
  hold(shell_word(input).size() >= input.size(), "quoting takes nothing away");
}

}  // namespace mlenv::fuzz
