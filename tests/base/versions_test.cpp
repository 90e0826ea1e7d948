#include <vector>

#include "base/deb_version.hpp"
#include "base/dotted_version.hpp"
#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("Debian versions are ordered as dpkg orders them", "[base][deb]") {
  const std::vector<std::string> ascending = {"1.0~~",
                                              "1.0~rc1",
                                              "1.0",
                                              "1.0+dfsg",
                                              "1.0.1",
                                              "1.0.1-0ubuntu1",
                                              "1.0.1-1",
                                              "1.0.1-1+b1",
                                              "1.0.10",
                                              "8.0.5.39-1+cuda11.0",
                                              "8.0.5.39-1+cuda11.1",
                                              "8.1.0.77-1+cuda11.2",
                                              "1:0.1",
                                              "2:0~a"};
  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    INFO(ascending[i] << " < " << ascending[i + 1]);
    CHECK(*DebVersion::parse(ascending[i]) < *DebVersion::parse(ascending[i + 1]));
  }
  CHECK(*DebVersion::parse("0:1.0") == *DebVersion::parse("1.0-0"));
  for (const char* text : {"", "a1", "1.0 2", "1:", "x:1", "1_0"}) CHECK_FALSE(DebVersion::parse(text));
}

TEST_CASE("a constraint on a Debian version holds or does not", "[base][deb]") {
  const auto allows = [](const char* constraint, const char* version) {
    return DebConstraint::parse(constraint)->allows(*DebVersion::parse(version));
  };
  CHECK(allows(">=450.80.02", "450.119.03-1"));
  CHECK_FALSE(allows(">=450.80.02", "450.51.06-1"));
  CHECK(allows("8.0.5.39-1+cuda11.0", "8.0.5.39-1+cuda11.0"));
  CHECK_FALSE(allows("8.0.5.39-1+cuda11.0", "8.0.5.39-1+cuda11.1"));
  CHECK(allows("<< 2", "1.9"));
  CHECK_FALSE(allows("<2", "2"));
  CHECK_FALSE(DebConstraint::parse(">= 8.0 or so"));
}

TEST_CASE("dotted versions are compared by number", "[base][dotted]") {
  const auto contains = [](const char* range, const char* version) {
    return DottedRange::parse(range)->contains(*DottedVersion::parse(version));
  };
  CHECK(contains(">=3.5", "8.6"));
  CHECK(contains("11", "11.8"));
  CHECK_FALSE(contains("11", "110"));
  CHECK_FALSE(contains("==11", "11.8"));
  CHECK(contains(">=450.80.02,<460", "450.119.03"));
  CHECK(contains("20.04", "20.04"));
  CHECK_FALSE(contains("20.04", "20.10"));
  CHECK(contains(">=5.4", "5.15.0-91-generic"));
  for (const char* text : {"", "x", ">=", ">=1,,<2", "5.4-x"}) CHECK_FALSE(DottedRange::parse(text));
}
