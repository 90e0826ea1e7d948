#pragma once

#include <string>

#include "resource/assignment.hpp"

namespace mlenv {

/// The languages in which a variable has to be written so that every program of the user sees it.
enum class ShellSyntax { posix, fish, environment_d };

/// The lines that make the assignment, so that the value arrives exactly as written, a directory is never
/// doubled and nothing that was there is lost. Empty where the language cannot say it (line breaks in
/// environment.d(5)).
std::string assignment_text(const Assignment& assignment, ShellSyntax syntax);

}  // namespace mlenv
