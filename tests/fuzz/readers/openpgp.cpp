#include "base/openpgp.hpp"

#include "fuzz/fuzz.hpp"

namespace mlenv::fuzz {

void openpgp(std::string_view input) {
  const auto keys = public_keys(input);
  if (!keys) return;
  std::string all;
  for (const auto& key : *keys) {
    hold(key.fingerprint.size() == 40, "a fingerprint has 40 digits");
    hold(key.fingerprint.find_first_not_of("0123456789ABCDEF") == std::string::npos,
         "a fingerprint is hexadecimal");
    all += key.packets;
    const auto alone = public_keys(key.packets);
    hold(alone && alone->size() == 1 && alone->front() == key, "a key by itself is the same key");
  }
  if (keys->empty()) return;
  const auto again = public_keys(all);
  hold(again && *again == *keys, "keys that are put together are the same keys");
}

}  // namespace mlenv::fuzz
