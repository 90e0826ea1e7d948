#pragma once

#include <string>

#include "base/result.hpp"
#include "host/reader.hpp"
#include "host/writer.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// The trusted ones of these keys, and nothing else: that is the repository's keyring. Errors: `apt.no-key`,
/// `apt.wrong-key` with what was found and what is trusted.
Result<std::string> trusted_keyring(const AddRepository& step, const std::string& keys);

/// The keys as the recipe has them or as they are fetched, and of them the trusted ones. Empty where the
/// repository manages no key.
Result<std::string> fetch_keyring(const AddRepository& step, HostWriter& writer);

}  // namespace mlenv
