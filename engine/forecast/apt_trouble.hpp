#pragma once

#include "forecast/shadow_apt.hpp"
#include "resource/dpkg_status.hpp"

namespace mlenv {

/// Why apt cannot do a transaction, in a person's words: what is held, what no source has (and the nearest
/// versions that exist), what a pin keeps away. Code `apt.no-candidate`, `apt.held` or `apt.unsolvable`.
Error explain_apt_refusal(const AptTransaction& transaction, const Output& refusal, const ShadowApt& shadow,
                          const DpkgStatus& installed);

}  // namespace mlenv
