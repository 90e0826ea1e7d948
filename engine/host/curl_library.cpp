#include <curl/curl.h>
#include <dlfcn.h>

#include <cstdarg>

/// The functions of libcurl that are used, under their own names: the library itself, with the thirty that it
/// brings along, is loaded when the first of them is called. A plan that opens no connection does without,
/// and starts in a fraction of the time.
namespace {

template <class F>
F* loaded(const char* name) {
  static void* const library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : reinterpret_cast<F*>(::dlsym(library, name));
}

constexpr CURLcode not_there = CURLE_FAILED_INIT;

}  // namespace

// The macros of curl.h that check arguments stand in the way of definitions.
#undef curl_easy_setopt
#undef curl_easy_getinfo

extern "C" {

CURLcode curl_global_init(long flags) {
  static auto* const call = loaded<decltype(curl_global_init)>("curl_global_init");
  return call == nullptr ? not_there : call(flags);
}

CURL* curl_easy_init() {
  static auto* const call = loaded<decltype(curl_easy_init)>("curl_easy_init");
  return call == nullptr ? nullptr : call();
}

void curl_easy_cleanup(CURL* handle) {
  static auto* const call = loaded<decltype(curl_easy_cleanup)>("curl_easy_cleanup");
  if (call != nullptr) call(handle);
}

CURLcode curl_easy_perform(CURL* handle) {
  static auto* const call = loaded<decltype(curl_easy_perform)>("curl_easy_perform");
  return call == nullptr ? not_there : call(handle);
}

const char* curl_easy_strerror(CURLcode code) {
  static auto* const call = loaded<decltype(curl_easy_strerror)>("curl_easy_strerror");
  return call == nullptr ? "libcurl.so.4 cannot be loaded; `apt-get install libcurl4` brings it" : call(code);
}

// curl.h declares an enumeration before the dots, which clang does not like to see there.
#pragma GCC diagnostic ignored "-Wvarargs"
// Every argument of the next two is a pointer, a long or a curl_off_t: one word each.
static_assert(sizeof(long) == sizeof(void*) && sizeof(curl_off_t) == sizeof(void*));

CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...) {
  static auto* const call = loaded<decltype(curl_easy_setopt)>("curl_easy_setopt");
  std::va_list arguments;
  va_start(arguments, option);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return call == nullptr ? not_there : call(handle, option, argument);
}

CURLcode curl_easy_getinfo(CURL* handle, CURLINFO what, ...) {
  static auto* const call = loaded<decltype(curl_easy_getinfo)>("curl_easy_getinfo");
  std::va_list arguments;
  va_start(arguments, what);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return call == nullptr ? not_there : call(handle, what, argument);
}

}  // extern "C"
