#pragma once

#include <string>

#include "apply/event.hpp"
#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "cli/arguments.hpp"
#include "host/command.hpp"
#include "host/terminal.hpp"
#include "view/style.hpp"

namespace mlenv {

/// How text on a stream is to look: the terminal's width, colours as `--color`, NO_COLOR and the terminal
/// say.
Style style_of(const Arguments& arguments, Stream stream);

/// Prints what was reported to standard error; with `quiet` errors alone.
void print_diagnostics(const Diagnostics& diagnostics, const Arguments& arguments);
/// One error in the same manner.
void print_error(const Error& error, const Arguments& arguments);
/// Prints to standard output.
void print(const std::string& text);

/// A line on the terminal that says what is being waited for, and goes again. Nothing without a terminal or
/// with `quiet`.
class WaitingLine {
 public:
  explicit WaitingLine(const Arguments& arguments);
  ~WaitingLine();
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;
  /// Shows what it is given.
  LineSink sink() const;

 private:
  bool shown_;
};

/// 2026-11-23T12:00:00Z.
std::string time_text(Moment moment);
/// A name that no other run has: the time and some random characters. It sorts behind `after`, such a name
/// too, also when the clock was set back meanwhile.
std::string fresh_id(Moment moment, const std::string& after = {});

}  // namespace mlenv
