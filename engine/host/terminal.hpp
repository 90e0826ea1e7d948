#pragma once

#include <optional>
#include <string>

namespace mlenv {

/// One of this process's standard streams.
enum class Stream { in = 0, out = 1, err = 2 };

/// Columns of the terminal that the stream is; nothing when it is none.
std::optional<unsigned> terminal_width(Stream stream);

/// Prints a question on the terminal and reads one line; nothing when there is no terminal or it is closed.
std::optional<std::string> ask_on_terminal(const std::string& question);

}  // namespace mlenv
