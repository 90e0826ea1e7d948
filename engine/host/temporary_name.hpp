#pragma once

#include <string>
#include <string_view>

namespace mlenv {

// A file in the making has a name of its own beside its target, `.NAME.mlenvctl-xxxxxxxx`, which a run that
// is killed may leave behind.

/// A fresh one for the target `name`.
std::string temporary_name(const std::string& name);
/// Whether `entry` is one that was made for the target `name`.
bool is_temporary_of(std::string_view entry, std::string_view name);

}  // namespace mlenv
