#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/fuzz.hpp"

// One program for all targets: `fuzz_readers CORPUS --target=NAME`; libFuzzer passes over what begins with
// `--`.

namespace {

const mlenv::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view option = "--target=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view word = (*argv)[i];
    if (word.substr(0, option.size()) == option)
      chosen = mlenv::fuzz::find_target(word.substr(option.size()));
  }
  if (chosen != nullptr) return 0;
  std::fprintf(stderr, "name a target with `--target=NAME`:\n");
  for (const auto& target : mlenv::fuzz::all_targets())
    std::fprintf(stderr, "%.*s\n", static_cast<int>(target.name.size()), target.name.data());
  std::exit(5);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
