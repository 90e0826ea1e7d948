#include "host/fetch.hpp"

#include <chrono>
#include <memory>
#include <thread>

#include "base/text.hpp"
#include "host/curl_handle.hpp"

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

Attempt attempt(const std::string& url, const FetchLimit& limit, const Environment& environment,
                Received& received) {
  const CurlHandle curl(curl_easy_init());
  if (!curl) return {CURLE_FAILED_INIT, 0};
  received.bytes.clear();
  auto* handle = curl.get();
  aim(handle, url, environment);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(limit.time.count()));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 100L);  // bytes in a second: less is no answer
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, 10L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &received);
  Attempt result;
  result.code = curl_easy_perform(handle);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &result.status);
  return result;
}

}  // namespace

Result<std::string> fetch_url(const std::string& url, const FetchLimit& limit,
                              const Environment& environment) {
  const CURLcode started = start_curl();
  Received received{{}, limit.bytes, false};
  Attempt last{started, 0};
  constexpr int attempts = 3;
  constexpr std::chrono::seconds patience{15};  // a server that hangs is not asked again and again
  const auto began = std::chrono::steady_clock::now();
  for (int count = 0; count < attempts && started == CURLE_OK; ++count) {
    if (std::chrono::steady_clock::now() - began > patience) break;
    if (count > 0) std::this_thread::sleep_for(std::chrono::milliseconds(500 * count));
    last = attempt(url, limit, environment, received);
    if (last.code == CURLE_OK) return std::move(received.bytes);
    if (received.too_large || !last.passes()) break;
  }
  const auto shown = mask_credentials(url);
  if (received.too_large) {
    return Error{"fetch.too-large", shown + " is larger than " + std::to_string(limit.bytes) + " bytes", {}};
  }
  return fetch_error(url, last);
}

}  // namespace mlenv
