#pragma once

#include <map>
#include <string>
#include <string_view>

#include "host/recorded_host.hpp"
#include "resource/step.hpp"

namespace mlenv::fuzz {

using Files = std::map<std::string, RecordedFile>;

/// The files of an input, of which each part is `PATH`, or `PATH -> TARGET` for a link, and the text below
/// it.
Files files_in(std::string_view input);
/// One that belongs to the bench's user.
RecordedFile owned_file(std::string text);

/// Carries out a step that only concerns files; false for every other.
bool perform(const Step& step, Files& files);

}  // namespace mlenv::fuzz
