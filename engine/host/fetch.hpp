#pragma once

#include <string>

#include "base/result.hpp"
#include "host/command.hpp"
#include "host/safe_path.hpp"
#include "host/writer.hpp"

namespace mlenv {

/// The bytes at an http or https URL, by libcurl: redirects stay on these protocols, size and time are
/// bounded, what passes is tried again twice. Proxies and certificates as `environment` says. Errors:
/// `fetch.failed`, `fetch.too-large`.
Result<std::string> fetch_url(const std::string& url, const FetchLimit& limit,
                              const Environment& environment);

/// Brings a file into an open folder; see HostWriter::download. Nothing is read into memory.
Result<Done> download_into(const Place& place, const Download& what, const Environment& environment);

/// See HostWriter::fetch_tail.
Result<RemoteTail> fetch_tail_of(const std::string& url, std::uint64_t bytes, const Environment& environment);

}  // namespace mlenv
