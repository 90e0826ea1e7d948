#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace mlenv {

/// The full fingerprints (40 upper-case hex digits for v4 keys) of the primary keys in a transferable public key or
/// keyring, binary or ASCII-armoured, in their order. Subkeys, user ids and signatures are passed over. Only looks:
/// nothing is verified. Errors: `openpgp.malformed` when the bytes are no sequence of OpenPGP packets.
/// Source: RFC 4880, sections 4.2, 5.5.2, 6.2 and 12.2.
Result<std::vector<std::string>> primary_fingerprints(std::string_view keyring);

}  // namespace mlenv
