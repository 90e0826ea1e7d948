#pragma once

#include <string>

#include "ledger/effect.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// Whether what mlenvctl has made is still there.
enum class Standing {
  absent,   ///< it is gone, or what stood there before is back
  as_made,  ///< it is as mlenvctl has left it
  changed,  ///< something is there, and it is not that
};

/// Looks; what cannot be read counts as changed, so that nobody touches it.
Standing standing_of(const Effect& effect, const ProbeScope& scope);

/// Of a unit: the system's manager has it, not the user's.
bool is_of_system(const Effect& unit);

/// What a venv holds that neither mlenvctl nor pip has put there, at most some of it: paths below the venv.
/// `known` are the canonical names of the Python packages that mlenvctl has brought.
std::vector<std::string> foreign_in_venv(const std::string& prefix, const std::vector<std::string>& known,
                                         const HostReader& host);

/// The name of an account by its number; empty when it has none.
std::string account_name(const HostReader& host, std::uint32_t uid);

}  // namespace mlenv
