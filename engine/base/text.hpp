#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// The lines of a text, line endings (LF or CRLF) removed; a last empty line is not one.
std::vector<std::string_view> split_lines(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string to_lower(std::string_view text);
/// Every `from` in the text becomes `to`.
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// The candidate that a person most probably meant, by Damerau-Levenshtein distance; nothing when none is
/// near.
std::optional<std::string> nearest_word(std::string_view word, const std::vector<std::string>& candidates);

/// Shell-style match of a whole text against a pattern with `*` and `?`; linear in practice, never recursive.
bool glob_match(std::string_view pattern, std::string_view text);

/// The argument vector as one line that a person can paste into a POSIX shell. Only for showing.
std::string shell_words(const std::vector<std::string>& arguments);
/// One argument, quoted only where a POSIX shell needs it.
std::string shell_word(std::string_view argument);

/// True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms); else the bad
/// offset.
std::optional<std::size_t> first_bad_utf8(std::string_view bytes);

/// A size as apt and pip write it, in powers of ten: `532 B`, `64.4 kB`, `2.1 GB`.
std::string size_text(std::uint64_t bytes);

/// `torch-1.7.1%2Bcu110.whl` -> `torch-1.7.1+cu110.whl`, as URLs write it (RFC 3986, 2.1).
std::string percent_decoded(std::string_view text);
/// As a URL writes it: everything is escaped but what RFC 3986, 2.3, leaves unreserved, and the characters in
/// `kept` (`/` for a path).
std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// From now on mask_credentials hides this text too, also as shells, URLs and configuration files write it.
/// It holds for the whole process: a secret is one wherever it comes up. Too short a text hides nothing.
void keep_secret(std::string_view secret);
/// The text with user names and passwords in URLs, and every secret, replaced by `***`. For everything that
/// is shown or stored.
std::string mask_credentials(std::string_view text);
/// True when there is something to hide in it.
bool holds_credentials(std::string_view text);

/// SHA-256 of the bytes, lower-case hexadecimal (64 digits).
std::string sha256_hex(std::string_view bytes);
/// MD5 likewise (32 digits): what dpkg tells changed configuration files by. No protection against anybody.
std::string md5_hex(std::string_view bytes);

}  // namespace mlenv
