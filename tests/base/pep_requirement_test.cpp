#include "base/pep_requirement.hpp"

#include "base/pep_marker.hpp"
#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("a requirement is taken apart and put together", "[base][pep508]") {
  const auto full = PepRequirement::parse("JAX[CUDA12_pip, minimum] >=0.4,<1 ; python_version >= '3.9'");
  REQUIRE(full);
  CHECK(full->canonical_name() == "jax");
  CHECK(full->extras == std::vector<std::string>{"cuda12-pip", "minimum"});
  CHECK(full->specifiers.str() == ">=0.4,<1");
  CHECK(full->marker == "python_version >= '3.9'");
  CHECK(full->str() == "JAX[cuda12-pip,minimum]>=0.4,<1; python_version >= '3.9'");
  CHECK(PepRequirement::parse("numpy (==1.19.4)")->specifiers.str() == "==1.19.4");
  CHECK(PepRequirement::parse("torchaudio===0.7.2")->specifiers.str() == "===0.7.2");
  const auto direct = PepRequirement::parse("x @ https://example.org/a;b/x-1.0.whl ; os_name == 'posix'");
  REQUIRE(direct);
  CHECK(direct->url == "https://example.org/a;b/x-1.0.whl");
  CHECK(direct->marker == "os_name == 'posix'");
}

TEST_CASE("names are compared in their canonical form", "[base][pep508]") {
  CHECK(canonical_project_name("Scikit_Learn") == "scikit-learn");
  CHECK(canonical_project_name("zope.interface") == "zope-interface");
  CHECK(canonical_project_name("a-_.b") == "a-b");
}

TEST_CASE("what is no requirement says what was expected", "[base][pep508]") {
  CHECK(PepRequirement::parse("torch=1.7.1").error().message == "expected `==`, found `=1.7.1`");
  for (const char* text : {"", "--pre", "-r file", "a b", "a[b", "a[b c]", "a==", "a @", "a; x",
                           "a; (os_name == 'x'", "a>=1,,<"}) {
    INFO(text);
    CHECK_FALSE(PepRequirement::parse(text));
  }
}

TEST_CASE("markers are judged for the environment", "[base][pep508]") {
  const auto here = linux_markers("3.8.10", "x86_64");
  const auto holds = [&](const char* marker) { return marker_holds(marker, here); };
  CHECK(holds("python_version < '3.9'"));
  CHECK(holds("python_version >= '3.10' or sys_platform == 'linux'"));
  CHECK_FALSE(holds("python_version >= '3.10' and sys_platform == 'linux'"));
  CHECK(holds("(python_version >= '3.10' or os_name == 'posix') and platform_machine != 'aarch64'"));
  CHECK(holds("'linux' in sys_platform"));
  CHECK(holds("platform_machine not in 'aarch64 ppc64le'"));
  CHECK_FALSE(holds("extra == 'gpu'"));
  auto with_extra = here;
  with_extra["extra"] = "gpu";
  CHECK(marker_holds("extra == 'GPU'", with_extra));
}

TEST_CASE("a marker nested without end is refused, not followed", "[base][pep508]") {
  const std::string deep(100000, '(');
  CHECK(marker_error(deep + "os_name == 'posix'"));
}

TEST_CASE("a URL does not begin with a semicolon", "[base][pep508]") {
  CHECK_FALSE(PepRequirement::parse("x @ ; k"));
  CHECK_FALSE(PepRequirement::parse("x@;k"));
}
