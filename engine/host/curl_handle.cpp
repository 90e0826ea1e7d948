#include "host/curl_handle.hpp"

#include "base/text.hpp"
#include "host/stop.hpp"

namespace mlenv {
namespace {

void allow_http_only(CURL* handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

std::string certificate_file(const Environment& environment) {
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return {};
}

/// Anything but 0 gives the transfer up.
int go_on(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return stop_wanted() == Stop::now ? 1 : 0;
}

}  // namespace

bool Attempt::passes() const {
  return code == CURLE_OPERATION_TIMEDOUT || code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR ||
         code == CURLE_GOT_NOTHING || code == CURLE_HTTP2_STREAM ||
         (code == CURLE_HTTP_RETURNED_ERROR && (status >= 500 || status == 429));
}

CURLcode start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  return started;
}

void aim(CURL* handle, const std::string& url, const Environment& environment) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 8L);
  allow_http_only(handle);
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "mlenvctl");
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &go_on);
  const auto certificates = certificate_file(environment);
  if (!certificates.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, certificates.c_str());
}

Error fetch_error(const std::string& url, const Attempt& attempt) {
  if (attempt.code == CURLE_ABORTED_BY_CALLBACK) return interrupted();
  const auto reason = attempt.status >= 400 ? "the server answers " + std::to_string(attempt.status)
                                            : std::string(curl_easy_strerror(attempt.code));
  return {"fetch.failed", "cannot fetch " + mask_credentials(url) + ": " + reason, {}};
}

}  // namespace mlenv
