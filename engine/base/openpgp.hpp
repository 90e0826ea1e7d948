#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace mlenv {

/// A transferable public key (RFC 4880, section 11.1): its primary key's fingerprint, 40 upper-case hex
/// digits, and all its packets, binary.
struct PublicKey {
  std::string fingerprint;
  std::string packets;
  bool operator==(const PublicKey&) const = default;
};

/// The public keys in a keyring, binary or ASCII-armoured, in their order. Only looks: nothing is verified.
/// Keys of versions other than 4 are passed over. Errors: `openpgp.malformed` when the bytes are no sequence
/// of packets. Source: RFC 4880, sections 4.2, 5.5.2, 6.2 and 12.2.
Result<std::vector<PublicKey>> public_keys(std::string_view keyring);

/// A binary keyring of the same primary keys without user ids, signatures and subkeys: enough to tell them
/// by. Nothing when the bytes are no keyring.
std::optional<std::string> bare_keys(std::string_view keyring);

}  // namespace mlenv
