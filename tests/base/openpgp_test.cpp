#include "base/openpgp.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

// Two keys made for this test by gpg (ed25519, and a short RSA one); nobody holds the secret halves any more.
const char* const two_keys = R"(-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawRIxxYJKwYBBAHaRw8BAQdA3CrOxbKmgyfrpIA9+xmZ7E307FH9ytFarBW8
MrHC4yy0A29uZYiQBBMWCAA4FiEEOgCnOYHyL1oVpNMlV8XY2SG1yTMFAmsESMcC
GwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQV8XY2SG1yTMu7QEAtF2Q/ZoS
SFjKDDfBbRaI0FAYCcb+sg2uM6OwNTIXZrsA/jrLvhyJJIFTwSDs78l06DvBJsiP
2XAjeoxETWn1nGMBmI0EawRIxwEEAOZirEkB18fyv1J8UbYqqbEKHKT5BBIUr1Yg
vW3/ZRezBcSyCsVVO5pPeZaNKEo3+RSEfxHDKV3A7HCcM+zyeuYOL+n46UTx/sOy
9R4hXZTQXr8D8fchwR+x09HDBqscc/R7H2i82ihSB6TxUC8fDeajbTwFEw8Ea8E4
8pIy8565ABEBAAG0A3R3b4jOBBMBCgA4FiEEeQPmFLw1aJmH7wB0kjlpZnC14xEF
AmsESMcCGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQkjlpZnC14xEUvAP/
eA79KufG/OZ7OvnI3dAxf3FFxNYe3tM+h8YN2Y5JRfiuCRiw7iAuN9JzwiAj4m03
NbrIZTUVLXfeLnQRcy6VF8QKTzpsNJ+oauNEJc30bIqLAOcNNqjEAJz6dKLcKarD
uO7BxbJcNUABjqDI+FaiDZmcCtHuyKBtMIovFwPTC+g=
=onT8
-----END PGP PUBLIC KEY BLOCK-----
)";
constexpr const char* first = "3A00A73981F22F5A15A4D32557C5D8D921B5C933";
constexpr const char* second = "7903E614BC35689987EF00749239696670B5E311";

}  // namespace

TEST_CASE("the keys of an armoured keyring are told by full fingerprint", "[base][openpgp]") {
  const auto keys = public_keys(two_keys);
  REQUIRE(keys);
  REQUIRE(keys->size() == 2);
  CHECK((*keys)[0].fingerprint == first);
  CHECK((*keys)[1].fingerprint == second);
}

TEST_CASE("a key taken out of a keyring is a keyring with that key alone", "[base][openpgp]") {
  const auto keys = public_keys(two_keys);
  REQUIRE(keys);
  const auto alone = public_keys((*keys)[1].packets);
  REQUIRE(alone);
  REQUIRE(alone->size() == 1);
  CHECK(alone->front() == (*keys)[1]);
  CHECK(public_keys((*keys)[0].packets + (*keys)[1].packets)->size() == 2);
}

TEST_CASE("what is no key is refused, whatever its bytes", "[base][openpgp]") {
  CHECK(public_keys("").error().code == "openpgp.malformed");
  CHECK_FALSE(public_keys("<html>404</html>"));
  CHECK_FALSE(
      public_keys("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----"));
  const auto whole = (*public_keys(two_keys))[1].packets;
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const auto cut = public_keys(whole.substr(0, length));
    if (cut) CHECK(cut->size() <= 1);  // cut between two packets it is a shorter key
    auto changed = whole;
    changed[length] = static_cast<char>(changed[length] ^ 0x55);
    (void)public_keys(changed);
  }
}
