#pragma once

#include <string>

#include "base/result.hpp"
#include "host/command.hpp"
#include "host/writer.hpp"

namespace mlenv {

/// The bytes at an http or https URL, by libcurl: redirects stay on these protocols, size and time are
/// bounded, what passes is tried again twice. Proxies and certificates as `environment` says. Errors:
/// `fetch.failed`, `fetch.too-large`.
Result<std::string> fetch_url(const std::string& url, const FetchLimit& limit,
                              const Environment& environment);

}  // namespace mlenv
