#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <thread>

#include "base/text.hpp"
#include "host/curl_handle.hpp"
#include "host/fetch.hpp"

namespace mlenv {
namespace {

/// A file in the making, and what kept it from being written.
struct Sink {
  int descriptor = -1;
  std::uint64_t room = 0;  ///< bytes that may still come
  int reason = 0;
};

std::size_t write_part(char* data, std::size_t, std::size_t size, void* to) {
  auto& sink = *static_cast<Sink*>(to);
  if (size > sink.room) return sink.reason = EFBIG, std::size_t{0};
  sink.room -= size;
  for (std::size_t done = 0; done < size;) {
    const auto count = ::write(sink.descriptor, data + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sink.reason = errno, std::size_t{0};
    done += static_cast<std::size_t>(count);
  }
  return size;
}

std::string digest_of(int descriptor) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  std::array<char, 65536> piece{};
  ::lseek(descriptor, 0, SEEK_SET);
  for (;;) {
    const auto count = ::read(descriptor, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    EVP_DigestUpdate(digest.get(), piece.data(), static_cast<std::size_t>(count));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &length);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    hex += digits[bytes[i] >> 4U];
    hex += digits[bytes[i] & 0xFU];
  }
  return hex;
}

/// Goes on behind what is there already.
Attempt go_on(int descriptor, const Download& what, const Environment& environment, int& reason) {
  const CurlHandle curl(curl_easy_init());
  if (!curl) return {CURLE_FAILED_INIT, 0};
  const auto there = std::max<off_t>(::lseek(descriptor, 0, SEEK_END), 0);
  Sink sink{descriptor, what.limit.bytes - std::min(what.limit.bytes, static_cast<std::uint64_t>(there)), 0};
  aim(curl.get(), what.url, environment);
  curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(there));
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, static_cast<long>(what.limit.time.count()));
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 100L);  // a server that hangs is given up
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &write_part);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &sink);
  Attempt attempt;
  attempt.code = curl_easy_perform(curl.get());
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &attempt.status);
  reason = sink.reason;
  return attempt;
}

/// A server that cannot go on, or whose file is shorter than what is there: from the beginning then.
bool cannot_resume(const Attempt& attempt) {
  return attempt.code == CURLE_RANGE_ERROR || attempt.code == CURLE_BAD_DOWNLOAD_RESUME ||
         attempt.status == 416;
}

Result<Done> fill(int descriptor, const Place& place, const Download& what, const Environment& environment) {
  constexpr int attempts = 5;
  Attempt last{start_curl(), 0};
  for (int count = 0; count < attempts && (count == 0 || last.code != CURLE_OK); ++count) {
    if (count > 0) std::this_thread::sleep_for(std::chrono::milliseconds(500 * count));
    int reason = 0;
    last = go_on(descriptor, what, environment, reason);
    if (reason == EFBIG)
      return Error{"fetch.too-large",
                   mask_credentials(what.url) + " is larger than " + size_text(what.limit.bytes),
                   {}};
    if (reason != 0) return system_error("write", place.path, reason);
    if (cannot_resume(last) && ::ftruncate(descriptor, 0) != 0)
      return system_error("write", place.path, errno);
    if (last.code != CURLE_OK && !last.passes() && !cannot_resume(last)) break;
  }
  return last.code == CURLE_OK ? Result<Done>(Done{}) : Result<Done>(fetch_error(what.url, last));
}

/// The SHA-256 of what has been brought; empty where nobody says what it is to be.
Result<std::string> filled_digest(int descriptor, const Place& place, const Download& what,
                                  const Environment& environment) {
  const auto filled = fill(descriptor, place, what, environment);
  if (!filled) return filled.error();
  return what.sha256.empty() ? std::string() : digest_of(descriptor);
}

/// The whole size in `Content-Range: bytes 10-19/20`.
std::size_t read_header(char* data, std::size_t, std::size_t size, void* to) {
  const std::string_view line(data, size);
  const auto slash = line.rfind('/');
  if (to_lower(line.substr(0, 14)) == "content-range:" && slash != line.npos)
    std::from_chars(line.data() + slash + 1, line.data() + line.size(), *static_cast<std::uint64_t*>(to));
  return size;
}

struct TailReceived {
  std::string bytes;
  std::uint64_t limit = 0;
};

std::size_t receive_tail(char* data, std::size_t, std::size_t size, void* to) {
  auto& tail = *static_cast<TailReceived*>(to);
  if (tail.bytes.size() + size > tail.limit) return 0;  // the server sends all of it
  tail.bytes.append(data, size);
  return size;
}

}  // namespace

Result<Done> download_into(const Place& place, const Download& what, const Environment& environment) {
  const auto part = place.name + ".part";
  const int folder = place.folder.number();
  // Only a digest tells that what was there is the beginning of the same file.
  const int afresh = what.sha256.empty() ? O_TRUNC : 0;
  Descriptor file(::openat(folder, part.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | afresh, 0644));
  if (!file) return system_error("write", place.path, errno);
  const bool resumes = ::lseek(file.number(), 0, SEEK_END) > 0;
  auto digest = filled_digest(file.number(), place, what, environment);
  // A machine that went down may have kept the length of a part and lost its bytes.
  if (digest && *digest != what.sha256 && resumes && ::ftruncate(file.number(), 0) == 0)
    digest = filled_digest(file.number(), place, what, environment);
  if (!digest && digest.error().code == "fetch.too-large") ::unlinkat(folder, part.c_str(), 0);
  if (!digest) return digest.error();
  if (*digest != what.sha256) {
    ::unlinkat(folder, part.c_str(), 0);
    return Error{
        "fetch.wrong-digest",
        mask_credentials(what.url) + " has the SHA-256 " + *digest + ", and its index says " + what.sha256,
        "the file on the server is not the one that was planned; plan again"};
  }
  if (::fsync(file.number()) != 0 || ::renameat(folder, part.c_str(), folder, place.name.c_str()) != 0)
    return system_error("write", place.path, errno);
  ::fsync(folder);
  return Done{};
}

Result<RemoteTail> fetch_tail_of(const std::string& url, std::uint64_t bytes,
                                 const Environment& environment) {
  const CurlHandle curl(start_curl() == CURLE_OK ? curl_easy_init() : nullptr);
  if (!curl) return fetch_error(url, {CURLE_FAILED_INIT, 0});
  RemoteTail tail;
  TailReceived received{{}, bytes};
  aim(curl.get(), url, environment);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(curl.get(), CURLOPT_RANGE, ("-" + std::to_string(bytes)).c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &read_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &tail.size);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &receive_tail);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &received);
  Attempt attempt;
  attempt.code = curl_easy_perform(curl.get());
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &attempt.status);
  curl_off_t length = -1;
  curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  const bool whole = attempt.status == 200 && length >= 0;  // ranges are not for every server
  if (whole) tail.size = static_cast<std::uint64_t>(length);
  if (attempt.code != CURLE_OK && !whole) return fetch_error(url, attempt);
  if (attempt.code == CURLE_OK) tail.bytes = std::move(received.bytes);
  return tail;
}

}  // namespace mlenv
