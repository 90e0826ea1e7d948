#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mlenv {

/// Whether a variable or setting of that name usually holds something secret: `HF_TOKEN`, `api_key`.
bool has_secret_name(std::string_view name);
/// Whether a value looks like a token or key that services give out, whatever its name.
bool looks_secret(std::string_view value);

/// The text with what is secret in it replaced by `left_out`: user names and passwords in URLs, the values of
/// settings (`name = value`, `name: value`) with telling names, and tokens.
std::string without_secrets(std::string_view text);

/// What a plan and a comparison look at in a shell's start-up file: the blocks of mlenvctl, and which
/// variables are set elsewhere, each on its own line as in the file; all other lines are empty. Values are
/// kept only of variables that programs on a GPU go by (`LD_LIBRARY_PATH`).
std::string assignments_alone(std::string_view text);

/// Name and value of `export NAME=value` or `set -gx NAME value`, quotes taken off; nothing for other lines.
std::optional<std::pair<std::string, std::string>> shell_assignment(std::string_view line);

/// Whether what runs on a GPU goes by that variable: CUDA's, the frameworks', Python's, search paths.
bool steers_computing(std::string_view variable);

}  // namespace mlenv
