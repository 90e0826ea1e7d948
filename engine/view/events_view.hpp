#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "apply/event.hpp"
#include "view/style.hpp"

namespace mlenv {

/// An event as the object that `apply --json` prints; credentials in URLs masked.
nlohmann::ordered_json event_document(const Event& event);

/// Gives `write` one JSON object a line, without the line's end: first the format, then each event.
std::unique_ptr<Listener> json_listener(std::function<void(std::string_view line)> write);

/// Time that only goes on, from an unknown moment.
Moment steady_moment();

/// Tells people. Without a terminal (style.width is 0) a line when a step begins, one when it ends, and one
/// each five minutes; on a terminal a live line for each running step, with the time it has taken and its
/// last output. At the end what failed, what was not reached and why. `out` must outlive the listener, and
/// nobody else may write to it meanwhile. `clock` is one that nobody sets.
std::unique_ptr<Listener> text_listener(std::ostream& out, const Style& style,
                                        std::function<Moment()> clock = steady_moment);

/// `0.3 s`, `12 s`, `3 min 12 s`, `1 h 4 min`.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace mlenv
