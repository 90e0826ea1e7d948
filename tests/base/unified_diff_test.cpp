#include "base/unified_diff.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// A folder in which `patch` is run.
class Bench {
 public:
  Bench() {
    std::string path = (std::filesystem::temp_directory_path() / "mlenv-diff-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    folder_ = path;
  }
  ~Bench() { std::filesystem::remove_all(folder_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  /// What the program makes of a text and a diff; no text when it refuses.
  std::string patched(const std::string& before, const std::string& diff) const {
    std::ofstream(folder_ / "text", std::ios::binary) << before;
    std::ofstream(folder_ / "diff", std::ios::binary) << diff;
    const auto command = "patch --silent --force --posix --binary --fuzz=0 '" + (folder_ / "text").string() +
                         "' '" + (folder_ / "diff").string() + "' >/dev/null 2>&1";
    if (std::system(command.c_str()) != 0) return "(refused)";  // NOLINT(cert-env33-c): fixed words
    std::ifstream file(folder_ / "text", std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path folder_;
};

bool has_patch() { return std::system("patch --version >/dev/null 2>&1") == 0; }  // NOLINT(cert-env33-c)

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) { return random() % limit; }

/// Few different lines, so that there is much to be mistaken about; the last one with or without its end.
std::string random_text(Random& random) {
  static const std::vector<std::string> words = {"a",     "b",           "c",    "",     "--- x",
                                                 "+++ y", "@@ -1 +1 @@", "\\ z", "é\t\r"};
  std::string text;
  for (auto left = below(random, 25); left > 0; --left) text += words[below(random, words.size())] + "\n";
  if (!text.empty() && below(random, 3) == 0) text.pop_back();
  return text;
}

/// The text with a few lines taken out or put in.
std::string changed_text(std::string text, Random& random) {
  for (auto left = 1 + below(random, 3); left > 0; --left) {
    const auto at = text.find('\n', text.empty() ? 0 : below(random, text.size()));
    if (at == std::string::npos) {
      text += "new";
    } else if (below(random, 2) == 0) {
      text.insert(at + 1, "new\n");
    } else {
      text.erase(at, text.find('\n', at + 1) - at);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a diff is headed by the path and has three lines around what changes", "[base][diff]") {
  CHECK(unified_diff("/etc/lab.conf", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
        "--- /etc/lab.conf (now)\n+++ /etc/lab.conf (planned)\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n "
        "7\n 8\n");
  CHECK(unified_diff("/x", "same\n", "same\n").empty());
}

TEST_CASE("a diff tells a file that comes, one that goes, and a last line without its end", "[base][diff]") {
  CHECK(unified_diff("/x", "", "a\nb") ==
        "--- /x (now)\n+++ /x (planned)\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n");
  CHECK(unified_diff("/x", "a\n", "") == "--- /x (now)\n+++ /x (planned)\n@@ -1,1 +0,0 @@\n-a\n");
  CHECK(unified_diff("/x", "a", "a\n") ==
        "--- /x (now)\n+++ /x (planned)\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

TEST_CASE("what the program `patch` makes of a diff is the new text", "[base][diff]") {
  if (!has_patch()) {
    WARN("`patch` is not installed");
    return;
  }
  const Bench bench;
  Random random(20260801);  // NOLINT(cert-msc51-cpp): the same texts in every run
  for (int round = 0; round < 400; ++round) {
    const auto before = random_text(random);
    const auto after = below(random, 2) == 0 ? random_text(random) : changed_text(before, random);
    const auto diff = unified_diff("text", before, after);
    if (diff.empty()) continue;
    INFO("before:\n" << before << "\nafter:\n" << after << "\ndiff:\n" << diff);
    REQUIRE(bench.patched(before, diff) == after);
  }
}

TEST_CASE("two long texts without a line in common are compared in bounded time", "[base][diff]") {
  std::string before, after;
  for (int line = 0; line < 20000; ++line) {
    before += "old " + std::to_string(line) + "\n";
    after += "new " + std::to_string(line) + "\n";
  }
  const auto diff = unified_diff("/x", before, after);
  CHECK(diff.size() > before.size() + after.size());
  if (has_patch()) CHECK(Bench().patched(before, diff) == after);
}
