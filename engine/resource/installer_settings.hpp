#pragma once

#include <string>

#include "host/reader.hpp"

namespace mlenv {

/// What a person has set for pip and uv beside the options of a call: variables, and files in the home of the
/// one who calls, in /etc and where XDG's variables say. True where one of them may make pip (or uv) choose
/// otherwise among the files of local folders than the options say; where to ask elsewhere, or how to say
/// things, changes nothing of that.
bool pip_is_told_otherwise(const HostReader& host, const std::string& home, const Environment& own);
bool uv_is_told_otherwise(const HostReader& host, const std::string& home, const Environment& own);

/// The same of one configuration file of pip's; one that cannot be read may say anything.
bool pip_file_tells_otherwise(const HostReader& host, const std::string& path);

}  // namespace mlenv
