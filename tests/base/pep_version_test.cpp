#include "base/pep_version.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace mlenv;

namespace {

bool allows(const std::string& specifiers, const std::string& version) {
  const auto set = PepSpecifierSet::parse(specifiers);
  const auto parsed = PepVersion::parse(version);
  INFO(specifiers << " | " << version);
  REQUIRE(set);
  REQUIRE(parsed);
  return set->contains(*parsed);
}

}  // namespace

TEST_CASE("versions are normalised as PEP 440 says", "[base][pep440]") {
  const std::vector<std::pair<std::string, std::string>> cases = {{"1.0", "1.0"},
                                                                  {"v1.0", "1.0"},
                                                                  {"1.0-alpha_1", "1.0a1"},
                                                                  {"1.0.preview2", "1.0rc2"},
                                                                  {"1.0c", "1.0rc0"},
                                                                  {"1.0-1", "1.0.post1"},
                                                                  {"1.0.rev", "1.0.post0"},
                                                                  {"1.0dev", "1.0.dev0"},
                                                                  {"01.002", "1.2"},
                                                                  {"1!2.0", "1!2.0"},
                                                                  {"1.0+CU-110", "1.0+cu.110"},
                                                                  {" 1.0 ", "1.0"},
                                                                  {"1.0a.dev2", "1.0a0.dev2"},
                                                                  {"1.0alphadev1", "1.0a0.dev1"}};
  for (const auto& [text, normal] : cases) {
    INFO(text);
    REQUIRE(PepVersion::parse(text));
    CHECK(PepVersion::parse(text)->str() == normal);
  }
}

TEST_CASE("what is no version is refused", "[base][pep440]") {
  for (const char* text :
       {"", "one", "1.", "1..0", "1.0+", "1.0+a..b", "1.0+a!", "1.0 2", "1.0.x", "-1", "1.0a1b2", "1!"}) {
    INFO(text);
    CHECK_FALSE(PepVersion::parse(text));
  }
}

TEST_CASE("versions are ordered as PEP 440 says", "[base][pep440]") {
  const std::vector<std::string> ascending = {"0.9",
                                              "1.0.dev0",
                                              "1.0.dev456",
                                              "1.0a1",
                                              "1.0a2.dev456",
                                              "1.0a12.dev456",
                                              "1.0a12",
                                              "1.0b1.dev456",
                                              "1.0b2",
                                              "1.0b2.post345.dev456",
                                              "1.0b2.post345",
                                              "1.0rc1.dev456",
                                              "1.0rc1",
                                              "1.0",
                                              "1.0+abc.5",
                                              "1.0+abc.7",
                                              "1.0+5",
                                              "1.0.post456.dev34",
                                              "1.0.post456",
                                              "1.0.15",
                                              "1.1.dev1",
                                              "1.10",
                                              "99999999999999999999999999",
                                              "1!0.1"};
  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    INFO(ascending[i] << " < " << ascending[i + 1]);
    CHECK(*PepVersion::parse(ascending[i]) < *PepVersion::parse(ascending[i + 1]));
  }
  CHECK(*PepVersion::parse("1.0") == *PepVersion::parse("1.0.0"));
  CHECK(*PepVersion::parse("1.0+1.2") == *PepVersion::parse("1.0+1-2"));
}

TEST_CASE("a local label satisfies the public version, not the other way round", "[base][pep440]") {
  CHECK(allows("==1.7.1", "1.7.1+cu110"));
  CHECK_FALSE(allows("==1.7.1+cu110", "1.7.1"));
  CHECK_FALSE(allows("==1.7.1+cu110", "1.7.1+cu101"));
  CHECK(allows("==1.7.1+cu110", "1.7.1+CU110"));
  CHECK(allows("!=1.7.1+cu110", "1.7.1"));
  CHECK(allows(">=1.7.1", "1.7.1+cu110"));
  CHECK(allows("<=1.7.1", "1.7.1+cu110"));
  CHECK_FALSE(allows(">1.7.1", "1.7.1+cu110"));
}

TEST_CASE("operators mean what PEP 440 says", "[base][pep440]") {
  CHECK(allows("===0.7.2", "0.7.2"));
  CHECK_FALSE(allows("===0.7.2", "0.7.2+cpu"));
  CHECK(allows("~=2.2", "2.10"));
  CHECK_FALSE(allows("~=2.2", "3.0"));
  CHECK_FALSE(allows("~=2.2.1", "2.3"));
  CHECK(allows("~=2.2.post3", "2.9"));
  CHECK(allows("==1.7.*", "1.7.1+cu110"));
  CHECK(allows("==1.7.*", "1.7.dev1"));
  CHECK_FALSE(allows("==1.7.*", "1.70"));
  CHECK_FALSE(allows("!=1.7.*", "1.7.1"));
  CHECK_FALSE(allows(">1.7", "1.7.post1"));
  CHECK(allows(">1.7.post1", "1.7.post2"));
  CHECK(allows(">1.7", "1.7.1"));
  CHECK_FALSE(allows("<1.7", "1.7rc1"));
  CHECK(allows("<1.7rc2", "1.7rc1"));
  CHECK(allows(">=3.6,<3.9", "3.8.10"));
  CHECK_FALSE(allows(">=3.6,<3.9", "3.9.0"));
  CHECK(allows("", "1.0"));
}

TEST_CASE("what is no specifier is refused", "[base][pep440]") {
  for (const char* text : {"1.0", "=1.0", "~=1", ">=1.*", "~=1.0.*", "==1.0.dev1.*", ">=1.0+local",
                           "==", ">= 1.0 2.0", ",>=1"}) {
    INFO(text);
    CHECK_FALSE(PepSpecifierSet::parse(text));
  }
}
