#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pep_version.hpp"
#include "host/facts.hpp"

namespace mlenv {

/// Which Python somebody asks for: any (empty), a specifier (`>=3.6,<3.9`), a version (`3.8`), a name
/// (`python3.8`) or the path of an interpreter.
class PythonWish {
 public:
  /// Nothing when the text is none of these.
  static std::optional<PythonWish> parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// Empty unless an interpreter's path was asked for.
  std::string path() const { return text_.starts_with("/") ? text_ : std::string(); }
  /// Whether a Python of that version (`3.8.10`, or `3.8` where no more is known) is what was asked for; for
  /// a path any version is.
  bool allows(std::string_view version) const;
  /// The name under which such a Python is looked for when none is known yet: `python3.8`, else `python3`.
  std::string program() const;

 private:
  std::string text_;
  PepSpecifierSet specifiers_;
};

/// The Python to take: the path asked for, else the first of the host's that is allowed (the first of all is
/// what `python3` means); nothing when there is none.
std::optional<Python> choose_python(const std::vector<Python>& pythons, const PythonWish& wish);

/// `3.11.2 (/usr/bin/python3), 3.8.10 (/usr/bin/python3.8)`, or `none`.
std::string python_list(const std::vector<Python>& pythons);

}  // namespace mlenv
