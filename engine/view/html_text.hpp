#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mlenv {

/// Text for an element or a quoted attribute of a page, on one line: credentials masked, what would hide or
/// turn text spelled out, and nothing left that a browser would take for markup.
std::string html(std::string_view text);
/// The same for a line of a program's output or of a file: tabs are spaces up to the next stop.
std::string html_line(std::string_view line);
/// The same for a text of several lines, as a `<pre>` shows it.
std::string html_block(std::string_view text);
/// The same for words for people: what stands between backticks is code.
std::string prose(std::string_view text);
/// The same for the value under a key; nothing where there is none.
std::string html_at(const nlohmann::ordered_json& object, const char* key);

/// `<tag class="classes">inside</tag>`; `inside` is markup already.
std::string element(std::string_view tag, std::string_view classes, std::string_view inside);
/// The same, folded: a summary that opens to what is inside.
std::string folded(std::string_view classes, std::string_view summary, std::string_view inside,
                   bool open = false);

/// A moment as events tell it, `2021-03-04T05:06:07.890Z`, as `2021-03-04 05:06:07 UTC`; another text as it
/// is.
std::string moment_words(const std::string& text);

/// `940 B`, `12.3 MB`, `-1.2 GB`.
std::string bytes_text(double bytes);

/// `sha256-…` of a text, as a Content-Security-Policy names what may run.
std::string policy_hash(std::string_view text);

}  // namespace mlenv
