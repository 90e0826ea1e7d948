#include "base/openpgp.hpp"

#include <nettle/sha1.h>

#include <array>
#include <cstdint>
#include <optional>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr int tag_public_key = 6;
constexpr std::size_t armour_limit = std::size_t{4} * 1024 * 1024;

Error malformed(const std::string& what) {
  return {"openpgp.malformed", "this is not an OpenPGP key: " + what, {}};
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

struct Packet {
  int tag = 0;
  std::string_view body;
  std::string_view whole;
};

/// The length octets behind a new-format tag; nothing for partial lengths, which keys do not use.
std::optional<std::pair<std::size_t, std::size_t>> new_length(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t first = byte_at(bytes, 0);
  if (first < 192) return std::pair(std::size_t{1}, first);
  if (first < 224 && bytes.size() > 1)
    return std::pair(std::size_t{2}, ((first - 192) << 8) + byte_at(bytes, 1) + 192);
  if (first != 255 || bytes.size() < 5) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 1; i < 5; ++i) length = (length << 8) + byte_at(bytes, i);
  return std::pair(std::size_t{5}, length);
}

std::optional<std::pair<std::size_t, std::size_t>> old_length(std::string_view bytes, unsigned kind) {
  if (kind == 3) return std::nullopt;  // indeterminate: until the end of the file
  const std::size_t count = std::size_t{1} << kind;
  if (bytes.size() < count) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = (length << 8) + byte_at(bytes, i);
  return std::pair(count, length);
}

std::optional<Packet> take_packet(std::string_view& bytes) {
  const unsigned head = byte_at(bytes, 0);
  if ((head & 0x80U) == 0) return std::nullopt;
  const bool is_new = (head & 0x40U) != 0;
  const auto length = is_new ? new_length(bytes.substr(1)) : old_length(bytes.substr(1), head & 3U);
  if (!length || bytes.size() - 1 < length->first || bytes.size() - 1 - length->first < length->second)
    return std::nullopt;
  Packet packet;
  packet.tag = static_cast<int>(is_new ? head & 0x3FU : (head >> 2U) & 0xFU);
  packet.body = bytes.substr(1 + length->first, length->second);
  packet.whole = bytes.substr(0, 1 + length->first + length->second);
  bytes.remove_prefix(packet.whole.size());
  return packet;
}

/// SHA-1 over 0x99, the body's length in two octets, and the body.
std::string fingerprint_v4(std::string_view body) {
  std::string hashed = "\x99";
  hashed += static_cast<char>(body.size() >> 8U);
  hashed += static_cast<char>(body.size() & 0xFFU);
  hashed += body;
  sha1_ctx context;
  sha1_init(&context);
  sha1_update(&context, hashed.size(), reinterpret_cast<const std::uint8_t*>(hashed.data()));
  std::array<std::uint8_t, SHA1_DIGEST_SIZE> digest{};
  sha1_digest(&context, digest.size(), digest.data());
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string hex;
  for (const auto byte : digest) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 0xFU];
  }
  return hex;
}

/// All blocks of an ASCII-armoured text, one after the other.
Result<std::string> dearmoured(std::string_view text) {
  if (text.size() > armour_limit) return malformed("it is too large");
  std::string bytes, block;
  bool inside = false, in_headers = false;
  for (const auto raw : split_lines(text)) {
    const auto line = trim(raw);
    if (line == "-----BEGIN PGP PUBLIC KEY BLOCK-----") {
      inside = in_headers = true;
      block.clear();
    } else if (line == "-----END PGP PUBLIC KEY BLOCK-----" && inside) {
      const auto decoded = from_base64(block);
      if (!decoded) return malformed("its armour is damaged");
      bytes += *decoded;
      inside = false;
    } else if (inside && in_headers) {
      in_headers = !line.empty();
    } else if (inside && !line.starts_with("=")) {
      block += line;  // the line with `=` is the checksum of the armour
    }
  }
  if (inside || bytes.empty()) return malformed("its armour has no end");
  return bytes;
}

}  // namespace

Result<std::vector<PublicKey>> public_keys(std::string_view keyring) {
  std::string binary;
  if (keyring.find("-----BEGIN PGP PUBLIC KEY BLOCK-----") != std::string_view::npos) {
    auto bytes = dearmoured(keyring);
    if (!bytes) return bytes.error();
    binary = std::move(*bytes);
    keyring = binary;
  }
  if (keyring.empty()) return malformed("it is empty");
  std::vector<PublicKey> keys;
  bool taking = false;
  while (!keyring.empty()) {
    const auto packet = take_packet(keyring);
    if (!packet) return malformed("a packet is cut off");
    if (packet->tag == tag_public_key) {
      taking = !packet->body.empty() && byte_at(packet->body, 0) == 4 && packet->body.size() <= 0xFFFF;
      if (taking) keys.push_back({fingerprint_v4(packet->body), {}});
    }
    if (taking) keys.back().packets += packet->whole;
  }
  return keys;
}

std::optional<std::string> bare_keys(std::string_view keyring) {
  const auto keys = public_keys(keyring);
  if (!keys) return std::nullopt;
  std::string bare;
  for (const auto& key : *keys) {
    std::string_view packets = key.packets;
    if (const auto first = take_packet(packets)) bare += first->whole;
  }
  return bare;
}

}  // namespace mlenv
