#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

#include "fuzz/fuzz.hpp"

// Gives every file of corpus/TARGET and regressions/TARGET to its target, and a few changes of each. What
// crashes, hangs or takes more memory than any of these may fails the test. Needs no fuzzer.

namespace {

namespace fs = std::filesystem;
using mlenv::fuzz::Target;

constexpr unsigned longest_seconds = 60;  // for one file and its changes; a hang is meant, not a slow machine
constexpr int rounds = 40;

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// A bit flipped, a piece left out, doubled or overwritten: the same for the same file on every machine.
std::string changed(std::string text, std::minstd_rand& random) {
  const auto below = [&](std::size_t size) { return size == 0 ? 0 : random() % size; };
  for (auto changes = 1 + below(4); changes > 0 && !text.empty(); --changes) {
    const auto at = below(text.size()), length = 1 + below(std::min<std::size_t>(text.size() - at, 32));
    switch (below(4)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << below(8)));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(below(text.size()), text.substr(at, length));
        break;
      default:
        text[at] = "\n\t :=,'\"[]{}/\\#%\0\xFF"[below(18)];
    }
  }
  return text;
}

void limit_memory() {
#ifndef MLENV_SANITIZED  // their shadows are large
  constexpr rlim_t most = rlim_t{2} << 30U;
  const rlimit limit{most, most};
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

int replay(const Target& target, const fs::path& folder) {
  int inputs = 0;
  for (const char* part : {"corpus", "regressions"}) {
    for (const auto& file : files_in(folder / part / target.name)) {
      std::cerr << target.name << ": " << file.filename().string() << std::endl;  // seen before it crashes
      ::alarm(longest_seconds);
      const auto text = text_of(file);
      target.run(text);
      std::minstd_rand random(static_cast<unsigned>(text.size()) + 1);
      for (int round = 0; round < rounds && text.size() < 65536; ++round) target.run(changed(text, random));
      inputs += 1 + rounds;
    }
  }
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path folder = argc > 1 ? argv[1] : ".";
  limit_memory();
  bool whole = true;
  for (const auto& target : mlenv::fuzz::all_targets()) {
    if (argc > 2 && target.name != argv[2]) continue;
    const int inputs = replay(target, folder);
    std::cout << target.name << ": " << inputs << " inputs" << std::endl;
    whole = whole && inputs > 0;
  }
  if (!whole) std::cerr << "a target has no corpus" << std::endl;
  return whole ? 0 : 1;
}
