#include "view/screen_text.hpp"

#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("columns are what a terminal takes, not bytes", "[view][screen]") {
  CHECK(columns("plain") == 5);
  CHECK(columns("größe") == 5);
  CHECK(columns("漢字") == 4);
  CHECK(columns("e\xcc\x81") == 1);
}

TEST_CASE("a cut text is never wider than asked, nor torn inside a character", "[view][screen]") {
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdef", 5) == "abcd…");
  CHECK(cut("漢字漢字", 4) == "漢…");
  CHECK(cut("abcdef", 0) == "abcdef");
}

TEST_CASE("text that is shown stays on its line", "[view][screen]") {
  CHECK(visible("a\nb\tc\r\x1b[0m") == "a\\nb\\tc\\r\\x1b[0m");
  CHECK(visible("\xc2\x9b") == "\\u{009b}");
  CHECK(visible("\xf0\x9f") == "\\xf0\\x9f");
  CHECK(visible("https://me:pw@host/") == "https://***@host/");
}

TEST_CASE("words are wrapped and long ones left whole", "[view][screen]") {
  CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("a immeasurable b", 5) == std::vector<std::string>{"a", "immeasurable", "b"});
  CHECK(wrapped("  one   two ", 0) == std::vector<std::string>{"one two"});
  CHECK(wrapped("", 10).empty());
}

TEST_CASE("aligned rows have no trailing spaces", "[view][screen]") {
  CHECK(aligned({{"a", "b", ""}, {"größe", "c", "d"}}, 1) == " a      b\n größe  c  d\n");
}
