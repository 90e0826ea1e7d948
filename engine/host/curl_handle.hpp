#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/result.hpp"
#include "host/command.hpp"

namespace mlenv {

struct CurlCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlCleanup>;

/// How one attempt ended.
struct Attempt {
  CURLcode code = CURLE_OK;
  long status = 0;  ///< HTTP
  /// True for what may be otherwise in a moment.
  bool passes() const;
};

/// Starts libcurl, once.
CURLcode start_curl();
/// Where to, and what holds for every request: http and https alone, redirects bounded, netrc, proxies and
/// certificates as the variables say (curl's own names, then OpenSSL's, pip's and requests').
void aim(CURL* handle, const std::string& url, const Environment& environment);
/// `fetch.failed`, credentials masked.
Error fetch_error(const std::string& url, const Attempt& attempt);

}  // namespace mlenv
