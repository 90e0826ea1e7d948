#include "host/fetch.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <thread>

#include "base/text.hpp"

namespace mlenv {
namespace {

struct Received {
  std::string bytes;
  std::uint64_t limit = 0;
  bool too_large = false;
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* to) {
  auto& received = *static_cast<Received*>(to);
  if (received.bytes.size() + size > received.limit) {
    received.too_large = true;
    return 0;
  }
  received.bytes.append(data, size);
  return size;
}

struct Attempt {
  CURLcode code = CURLE_OK;
  long status = 0;
  bool passes() const {
    return code == CURLE_OPERATION_TIMEDOUT || code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR ||
           code == CURLE_GOT_NOTHING ||
           (code == CURLE_HTTP_RETURNED_ERROR && (status >= 500 || status == 429));
  }
};

void allow_http_only(CURL* handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

Attempt attempt(const std::string& url, const FetchLimit& limit, const std::string& certificates,
                Received& received) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return {CURLE_FAILED_INIT, 0};
  received.bytes.clear();
  auto* handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 8L);
  allow_http_only(handle);
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(limit.time.count()));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "mlenvctl");
  if (!certificates.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, certificates.c_str());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &received);
  Attempt result;
  result.code = curl_easy_perform(handle);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &result.status);
  return result;
}

std::string certificate_file(const Environment& environment) {
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return {};
}

}  // namespace

Result<std::string> fetch_url(const std::string& url, const FetchLimit& limit,
                              const Environment& environment) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  Received received{{}, limit.bytes, false};
  Attempt last{started, 0};
  constexpr int attempts = 3;
  for (int count = 0; count < attempts && started == CURLE_OK; ++count) {
    if (count > 0) std::this_thread::sleep_for(std::chrono::milliseconds(500 * count));
    last = attempt(url, limit, certificate_file(environment), received);
    if (last.code == CURLE_OK) return std::move(received.bytes);
    if (received.too_large || !last.passes()) break;
  }
  const auto shown = mask_credentials(url);
  if (received.too_large) {
    return Error{"fetch.too-large", shown + " is larger than " + std::to_string(limit.bytes) + " bytes", {}};
  }
  const auto reason = last.status >= 400 ? "the server answers " + std::to_string(last.status)
                                         : std::string(curl_easy_strerror(last.code));
  return Error{"fetch.failed", "cannot fetch " + shown + ": " + reason, {}};
}

}  // namespace mlenv
