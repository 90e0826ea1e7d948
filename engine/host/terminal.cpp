#include "host/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

namespace mlenv {

std::optional<unsigned> terminal_width(Stream stream) {
  const int descriptor = static_cast<int>(stream);
  if (::isatty(descriptor) == 0) return std::nullopt;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::optional<std::string> ask_on_terminal(const std::string& question) {
  if (!terminal_width(Stream::in) || !terminal_width(Stream::err)) return std::nullopt;
  std::cerr << question << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

}  // namespace mlenv
