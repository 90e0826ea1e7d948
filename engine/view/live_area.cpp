#include "view/live_area.hpp"

#include <ostream>

namespace mlenv {

/// To the begin of the first live line.
std::string LiveArea::home() const {
  return shown_.empty() ? "" : "\r\x1b[" + std::to_string(shown_.size()) + "A";
}

void LiveArea::show(const std::vector<std::string>& lines) {
  if (lines == shown_) return;
  std::string text = home();
  for (const auto& line : lines) text += line + "\x1b[K\n";  // erased line by line: no flicker
  if (lines.size() < shown_.size()) text += "\x1b[J";
  out_ << text << std::flush;
  shown_ = lines;
}

void LiveArea::print(const std::string& text) {
  out_ << home() << (shown_.empty() ? "" : "\x1b[J") << text << std::flush;
  shown_.clear();
}

}  // namespace mlenv
