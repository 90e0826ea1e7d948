#pragma once

#include <vector>

#include "kinds/composite.hpp"
#include "resource/kind.hpp"

namespace mlenv {

/// The declaration with what it leaves open as the lock fixes it: one for each package where versions differ,
/// and behind them what comes along and no line names. Reports what does not fit the lock (`lock.stale`), and
/// leaves that as it is declared.
std::vector<Declaration> pinned(const Declaration& declaration, const Pins& pins, const DecodeScope& scope);

/// Understands a declaration of a plain kind, as locked where there is a lock.
std::vector<Resource> decode_pinned(const Declaration& declaration, const Recipe& recipe, DecodeScope& scope);
/// The same for a composite.
std::vector<Resource> expand_pinned(const Declaration& declaration, Composition& composition);

/// What comes along from other archives than the distribution's own, as packages of the recipe.
void add_locked_debs(const Recipe& recipe, std::vector<Resource>& resources, DecodeScope& scope);
/// Of what a lock alone brings, only what the recipe does not declare itself.
void drop_declared_twice(std::vector<Resource>& resources);
/// Reports what is locked and neither declared nor chosen any more, and repositories that are trusted
/// otherwise.
void report_stale_pins(const Recipe& recipe, const std::vector<Resource>& resources, DecodeScope& scope);

}  // namespace mlenv
