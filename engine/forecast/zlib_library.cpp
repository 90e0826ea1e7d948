#include <dlfcn.h>
#include <zlib.h>

/// The functions of zlib that are used, under their own names: the library itself is loaded when the first of
/// them is called. Every start would pay for it, and a copy of it in the program would get no security fixes.
namespace {

template <class F>
F* loaded(const char* name) {
  static void* const library = ::dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : reinterpret_cast<F*>(::dlsym(library, name));
}

}  // namespace

extern "C" {

int inflateInit2_(z_streamp stream, int bits, const char* version, int size) {
  static auto* const call = loaded<decltype(inflateInit2_)>("inflateInit2_");
  return call == nullptr ? Z_VERSION_ERROR : call(stream, bits, version, size);
}

int inflate(z_streamp stream, int flush) {
  static auto* const call = loaded<decltype(inflate)>("inflate");
  return call == nullptr ? Z_STREAM_ERROR : call(stream, flush);
}

int inflateEnd(z_streamp stream) {
  static auto* const call = loaded<decltype(inflateEnd)>("inflateEnd");
  return call == nullptr ? Z_STREAM_ERROR : call(stream);
}

}  // extern "C"
