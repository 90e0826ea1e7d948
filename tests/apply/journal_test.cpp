#include "apply/journal.hpp"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"

using namespace mlenv;
using Json = nlohmann::ordered_json;

namespace {

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "mlenv-journal-test";
  std::string file = (path / "run.jsonl").string();
  Folder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string text() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void set(const std::string& text) const { std::ofstream(file) << text; }
  void write(std::initializer_list<int> numbers) const {
    auto journal = Journal::open(file);
    REQUIRE(journal);
    for (const int number : numbers) REQUIRE(journal->add({{"event", "e"}, {"n", number}}, true));
  }
};

std::vector<int> numbers(const JournalText& text) {
  std::vector<int> found;
  for (const auto& line : text.lines) found.push_back(line["n"].get<int>());
  return found;
}

}  // namespace

TEST_CASE("what was added is read again, in its order, also when it is gone on with", "[apply][journal]") {
  const Folder folder;
  folder.write({1, 2});
  folder.write({3});
  const auto read = read_journal(folder.text());
  CHECK(numbers(read) == std::vector{1, 2, 3});
  CHECK(read.damaged == 0);
  CHECK_FALSE(read.torn);
}

TEST_CASE("a torn last line takes nothing with it, wherever it is torn", "[apply][journal]") {
  const Folder folder;
  folder.write({1, 2});
  const auto whole = folder.text();
  const auto second = whole.find('\n') + 1;
  for (std::size_t length = second + 1; length + 1 < whole.size(); ++length) {
    folder.set(whole.substr(0, length));
    const auto read = read_journal(folder.text());
    INFO(length);
    CHECK(numbers(read) == std::vector{1});
    CHECK(read.torn);
    CHECK(read.damaged == 0);
    folder.write({7});
    CHECK(numbers(read_journal(folder.text())) == std::vector{1, 7});
    CHECK(read_journal(folder.text()).damaged == 0);
  }
}

TEST_CASE("a line that is changed, taken out or moved is found", "[apply][journal]") {
  const Folder folder;
  folder.write({1, 2, 3});
  const auto whole = folder.text();
  const auto second = whole.find('\n') + 1, third = whole.find('\n', second) + 1;
  auto changed = whole;
  changed[changed.find("\"n\":2") + 4] = '9';
  CHECK(read_journal(changed).damaged == 2);
  CHECK(numbers(read_journal(changed)) == std::vector{1});
  CHECK(read_journal(whole.substr(0, second) + whole.substr(third)).damaged == 2);
  CHECK(read_journal(whole.substr(second)).damaged == 1);
  CHECK(read_journal(whole.substr(0, second) + whole.substr(third) + whole.substr(second, third - second))
            .damaged == 2);
}

TEST_CASE("journals without sums are read as they are", "[apply][journal]") {
  const auto read = read_journal("{\"format\":\"mlenvctl.events/1\",\"n\":1}\n{\"n\":2}\n{\"n\":");
  CHECK(numbers(read) == std::vector{1, 2});
  CHECK(read.torn);
}

TEST_CASE("a line that finds no room leaves no half of it, and the next one stands on a line of its own",
          "[apply][journal]") {
  const Folder folder;
  folder.write({1});
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit narrow{folder.text().size() + 10, before.rlim_max};
  auto journal = Journal::open(folder.file);
  REQUIRE(journal);
  ::setrlimit(RLIMIT_FSIZE, &narrow);
  const auto refused = journal->add({{"event", "e"}, {"n", 2}}, true);
  ::setrlimit(RLIMIT_FSIZE, &before);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("cannot write the journal: ") == 0);
  CHECK(numbers(read_journal(folder.text())) == std::vector{1});
  CHECK(folder.text().back() == '\n');
  REQUIRE(journal->add({{"event", "e"}, {"n", 3}}, true));
  CHECK(numbers(read_journal(folder.text())) == std::vector{1, 3});
  CHECK(read_journal(folder.text()).damaged == 0);
}

TEST_CASE("a full disk is told as such", "[apply][journal]") {
  auto file = AppendFile::open("/dev/full");
  REQUIRE(file);
  CHECK(file->append("x", false).error().code == "host.full");
}

TEST_CASE("a journal is in use for as long as it is open", "[apply][journal]") {
  const Folder folder;
  {
    const auto journal = Journal::open(folder.file);
    REQUIRE(journal);
    CHECK(AppendFile::in_use(folder.file));
  }
  CHECK_FALSE(AppendFile::in_use(folder.file));
  CHECK_FALSE(AppendFile::in_use(folder.file + "-other"));
}

TEST_CASE("whichever bit of a journal has flipped, no line is read otherwise than it was written",
          "[apply][journal]") {
  std::string text, sum;
  for (const int number : {1, 2, 3}) text += journal_line({{"event", "e"}, {"n", number}}, sum);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    auto flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ static_cast<char>(1U << bit % 8));
    INFO(bit << ": " << flipped);
    const auto read = read_journal(flipped);
    CHECK((read.damaged > 0 || read.torn));
    REQUIRE(read.lines.size() < 3);
    for (std::size_t i = 0; i < read.lines.size(); ++i) CHECK(read.lines[i]["n"] == static_cast<int>(i) + 1);
  }
}
