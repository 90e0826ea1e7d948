#include "forecast/repository_keyring.hpp"

#include <algorithm>

#include "base/openpgp.hpp"
#include "base/text.hpp"

namespace mlenv {
namespace {

/// The keys as they come: from the recipe, or from the first location that has one.
Result<std::string> fetch_key(const AddRepository& step, HostWriter& writer) {
  if (!step.key_text.empty()) return step.key_text;
  std::optional<Error> first;  // the other locations are guesses at how a server spells the name
  for (const auto& location : step.key_locations) {
    auto text = writer.fetch(location, {});
    if (text) return text;
    if (!first) first = text.error();
  }
  if (!first)
    return Error{"apt.no-key", "no place to fetch the key of `" + step.name + "` from is declared", {}};
  return Error{"apt.no-key", "the key of `" + step.name + "` is not to be had: " + first->message,
               first->hint};
}

}  // namespace

Result<std::string> trusted_keyring(const AddRepository& step, const std::string& fetched) {
  const auto keys = public_keys(fetched);
  if (!keys)
    return Error{"apt.no-key",
                 "what was fetched as the key of `" + step.name + "` is none: " + keys.error().message,
                 {}};
  std::string keyring;
  std::vector<std::string> found;
  for (const auto& key : *keys) {
    found.push_back(key.fingerprint);
    const auto& wanted = step.fingerprints;
    if (std::find(wanted.begin(), wanted.end(), key.fingerprint) != wanted.end()) keyring += key.packets;
  }
  if (!keyring.empty()) return keyring;
  return Error{
      "apt.wrong-key",
      "the key of `" + step.name + "` has the fingerprint " + join(found, " and ") +
          ", and the one trusted is " + join(step.fingerprints, " or "),
      "nothing was written; compare with what the repository's owner publishes before trusting another key"};
}

Result<std::string> fetch_keyring(const AddRepository& step, HostWriter& writer) {
  if (step.fingerprints.empty()) return std::string();
  const auto fetched = fetch_key(step, writer);
  return fetched ? trusted_keyring(step, *fetched) : Result<std::string>(fetched.error());
}

}  // namespace mlenv
