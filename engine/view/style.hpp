#pragma once

#include <string>
#include <string_view>

namespace mlenv {

/// How text for people is to look. Everything is complete without colour.
struct Style {
  bool color = false;
  bool verbose = false;
  unsigned width = 0;  ///< columns of the terminal; 0: not a terminal
};

// The text in a colour; as it is where the style has none.
std::string green(std::string_view text, const Style& style);
std::string red(std::string_view text, const Style& style);
std::string yellow(std::string_view text, const Style& style);
std::string bold(std::string_view text, const Style& style);
std::string dim(std::string_view text, const Style& style);

}  // namespace mlenv
