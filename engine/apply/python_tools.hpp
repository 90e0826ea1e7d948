#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/perform.hpp"
#include "forecast/planning_pip.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {

/// The command with its program by path: uv where it is installed (for root: for all), `python3` as the user
/// has it. Errors: `uv.not-found`.
Result<std::vector<std::string>> found_program(std::vector<std::string> command, Privilege privilege,
                                               const Stage& stage);

/// Why root must not run what is, or is to be, in a folder: somebody else can put something else there.
/// Nothing when root may, or is not asked to. Error `venv.not-roots`.
std::optional<Error> not_roots(const std::string& prefix, Privilege privilege, const Stage& stage);

/// What every call of pip, venv or uv is given. A venv's packages do not depend on what happens to be in the
/// user's own site or on PYTHONPATH.
Environment python_variables(const std::string& prefix, const Stage& stage);

/// `python3` as the user has it, by path where it is known.
std::string user_python(const Stage& stage);

/// The version of an environment's Python (an empty prefix is the user's own site); empty when it cannot be
/// told.
std::string python_version(const std::string& prefix, const Stage& stage);

/// The pip that plans, where it can carry a call out too: one that is compiled already, for wheels that are
/// all at hand. The venv's own need not be started then.
std::optional<PlanningPip> shared_pip(const PipInstall& step, Stage& stage);

/// The installed version of a package by its canonical name, inherited ones included; nothing when there is
/// none.
std::optional<std::string> installed_version(const std::string& prefix, const std::string& name,
                                             const Stage& stage);

/// Whether these wheels are all at hand, so that nothing need be fetched.
bool is_fetched(const std::vector<Wheel>& wheels, Privilege privilege, const Stage& stage);

/// Puts pip into a venv that has none (uv makes such).
Outcome bring_pip(const std::string& prefix, Privilege privilege, Stage& stage);

/// Writes down which versions `latest` meant, beside what was written down before.
Outcome record_latest(const std::string& prefix, const std::vector<std::string>& requirements,
                      Privilege privilege, Stage& stage);

}  // namespace mlenv
