#include "forecast/pip_failure.hpp"

#include "support/catch.hpp"

namespace mlenv {
namespace {

Error explain(const std::string& err, const std::string& python = "3.11.2") {
  return explain_pip_failure({1, false, "", err}, python);
}

TEST_CASE("a version that no source offers names those that it does", "[apply][pip_failure]") {
  const auto error = explain(
      "ERROR: Could not find a version that satisfies the requirement torch==1.7.1+cu110 (from versions: "
      "2.0.0, 2.0.1)\n"
      "ERROR: No matching distribution found for torch==1.7.1+cu110\n");
  CHECK(error.code == "pip.no-match");
  CHECK(error.message == "no version of `torch==1.7.1+cu110` fits for Python 3.11.2");
  CHECK(error.hint == "offered for this Python and machine: 2.0.0, 2.0.1");
}

TEST_CASE("an unknown package is told apart from a network that is down", "[apply][pip_failure]") {
  const std::string none =
      "ERROR: Could not find a version that satisfies the requirement nope (from versions: none)\n"
      "ERROR: No matching distribution found for nope\n";
  CHECK(explain(none).code == "pip.no-match");
  CHECK(explain("WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(…)'\n" +
                none)
            .code == "pip.network");
}

TEST_CASE("an index that pip leaves out is the reason, not the package that it would have had",
          "[apply][pip_failure]") {
  const auto error = explain(
      "WARNING: The repository located at mirror.lab is not a trusted or secure host and is being ignored. "
      "If "
      "this repository is available via HTTPS …\n"
      "ERROR: Could not find a version that satisfies the requirement numpy (from versions: none)\n"
      "ERROR: No matching distribution found for numpy\n");
  CHECK(error.code == "pip.untrusted-host");
  CHECK(error.hint.find("`pip config set global.trusted-host mirror.lab`") == 0);
}

TEST_CASE("packages that exclude each other are named", "[apply][pip_failure]") {
  const auto error = explain(
      "ERROR: Cannot install a and b because these package versions have conflicting dependencies.\n\n"
      "The conflict is caused by:\n    a 1.0 depends on numpy<1\n    b 1.0 depends on numpy>2\n\nTo fix "
      "this\n"
      "ERROR: ResolutionImpossible: for help visit\n");
  CHECK(error.code == "pip.conflict");
  CHECK(error.message.find("a 1.0 depends on numpy<1; b 1.0 depends on numpy>2") != std::string::npos);
}

TEST_CASE("each known way to fail has its own code", "[apply][pip_failure]") {
  CHECK(explain("error: externally-managed-environment\n").code == "pip.externally-managed");
  CHECK(explain("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n")
            .code == "pip.disk-full");
  CHECK(explain("ERROR: HTTP error 403 while getting https://x\nERROR: 403 Client Error: Forbidden\n").code ==
        "pip.refused");
  CHECK(explain("ERROR: a.whl is not a supported wheel on this platform.\n").code == "pip.wrong-platform");
  CHECK(explain("error: metadata-generation-failed\n").code == "pip.build-failed");
  CHECK(explain("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n").code ==
        "pip.hash-mismatch");
}

TEST_CASE("what is not known is told in pip's own words", "[apply][pip_failure]") {
  const auto error = explain("some noise\nERROR: Something new\n");
  CHECK(error.code == "pip.failed");
  CHECK(error.message == "pip failed: Something new");
  CHECK(explain("only noise\n").message == "pip failed: only noise");
}

}  // namespace
}  // namespace mlenv
