#include "base/text.hpp"

#include "base/address.hpp"
#include "base/source.hpp"
#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("the nearest word is suggested only when it is near", "[base][text]") {
  const std::vector<std::string> fields = {"system_site_packages", "path", "python", "pip"};
  CHECK(nearest_word("sytem_site_packages", fields) == "system_site_packages");
  CHECK(nearest_word("pyhton", fields) == "python");
  CHECK_FALSE(nearest_word("interpreter", fields));
}

TEST_CASE("a glob matches whole texts and does not blow up on many stars", "[base][text]") {
  CHECK(glob_match("GeForce RTX *", "GeForce RTX 3070"));
  CHECK_FALSE(glob_match("RTX", "GeForce RTX 3070"));
  CHECK(glob_match("gpu?7", "gpu07"));
  CHECK_FALSE(glob_match("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST_CASE("credentials in URLs are masked and nothing else is", "[base][text]") {
  CHECK(mask_credentials("get https://me:secret@host/x?y=a@b") == "get https://***@host/x?y=a@b");
  CHECK(mask_credentials("https://host/a@b") == "https://host/a@b");
  CHECK(mask_credentials("mail me@host") == "mail me@host");
}

TEST_CASE("shell words survive a POSIX shell", "[base][text]") {
  CHECK(shell_words({"apt-get", "install", "a b", "it's", ""}) == "apt-get install 'a b' 'it'\\''s' ''");
}

TEST_CASE("ill-formed UTF-8 is found at its first byte", "[base][text]") {
  CHECK_FALSE(first_bad_utf8("größer 日本 😀"));
  CHECK(first_bad_utf8("ab\xff") == 2);
  CHECK(first_bad_utf8("\xc0\xaf") == 0);
  CHECK(first_bad_utf8("x\xed\xa0\x80") == 1);
  CHECK(first_bad_utf8("\xe2\x82") == 0);
}

TEST_CASE("columns count characters, not bytes", "[base][source]") {
  const auto source = std::make_shared<const Source>(Source{"r.yaml", "a: 1\r\ngröße: x\r\n"});
  const Span span{source, source->text.find('x'), source->text.find('x') + 1};
  CHECK(span.position() == Position{2, 8});
  CHECK(span.line_text() == "größe: x");
}

TEST_CASE("places far down a text are counted right, whichever of two texts is asked about",
          "[base][source]") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "größe: " + std::to_string(i) + "\n";
  const auto long_one =
      std::make_shared<const Source>(Source{"long.yaml", text + std::string(5000, 'x') + "ö!"});
  const auto other = std::make_shared<const Source>(Source{"other.yaml", "a\nb"});
  const auto at = [](const SourcePtr& source, std::size_t offset) {
    return Span{source, offset, offset}.position();
  };
  CHECK(at(long_one, long_one->text.size() - 1) == Position{3001, 5002});
  CHECK(at(other, 2) == Position{2, 1});
  CHECK(at(long_one, text.find("1234")) == Position{1235, 8});
  CHECK(at(other, 3) == Position{2, 2});
  CHECK(at(long_one, 0) == Position{1, 1});
}

TEST_CASE("an address splits at its first dot", "[base][address]") {
  CHECK(Address::parse("pip_package.torch/ruamel.yaml") == Address{"pip_package", "torch/ruamel.yaml"});
  CHECK_FALSE(Address::parse("venv."));
  CHECK_FALSE(Address::parse("venv"));
}

TEST_CASE("SHA-256 agrees with the standard's example", "[base][text]") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
