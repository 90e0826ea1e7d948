#include "record/secrets.hpp"

#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

const std::string gone = left_out;

}  // namespace

TEST_CASE("values of settings with telling names are left out", "[record][secrets]") {
  CHECK(without_secrets("api_key = abc\nname = x\n") == "api_key =" + gone + "\nname = x\n");
  CHECK(without_secrets("  password: p\n") == "  password:" + gone + "\n");
  CHECK(without_secrets("\"authToken\": \"x\"") == "\"authToken\":" + gone);
  CHECK(without_secrets("password =") == "password =");
}

TEST_CASE("user names and passwords in URLs are left out", "[record][secrets]") {
  CHECK(without_secrets("deb https://u:p@apt.example.org/ stable main") ==
        "deb https://" + gone + "@apt.example.org/ stable main");
  CHECK(without_secrets("see https://example.org/a@b") == "see https://example.org/a@b");
}

TEST_CASE("tokens of known services are left out whatever they are called", "[record][secrets]") {
  CHECK(looks_secret("hf_abcdefghijklmnopqrstuv"));
  CHECK(looks_secret("x=ghp_0123456789abcdefghij"));
  CHECK(looks_secret("-----BEGIN OPENSSH PRIVATE KEY-----"));
  CHECK_FALSE(looks_secret("hf_hub"));
  CHECK_FALSE(looks_secret("half_hf_abcdefghijklmnopqrstuv"));
}

TEST_CASE("of a start-up file blocks and assignments are kept, on their lines", "[record][secrets]") {
  const std::string text =
      "# hello\n"
      "export EDITOR=vim\n"
      "alias ll='ls -l'\n"
      "export LD_LIBRARY_PATH=/usr/local/cuda/lib64\n"
      "# >>> mlenvctl env >>>\n"
      "# Made by mlenvctl.\n"
      "#: ML_PATH 1\n"
      "export ML_PATH='/home/u/ml'\n"
      "#: HF_TOKEN 2\n"
      "export HF_TOKEN='a\n"
      "b'\n"
      "# <<< mlenvctl env <<<\n"
      "echo done\n";
  CHECK(assignments_alone(text) ==
        "\nexport EDITOR=" + gone +
            "\n\nexport LD_LIBRARY_PATH=/usr/local/cuda/lib64\n"
            "# >>> mlenvctl env >>>\n# Made by mlenvctl.\n#: ML_PATH 1\nexport ML_PATH='/home/u/ml'\n"
            "#: HF_TOKEN 2\nexport HF_TOKEN=" +
            gone + "\n" + gone + "\n# <<< mlenvctl env <<<\n");
  CHECK(assignments_alone(assignments_alone(text)) == assignments_alone(text));
}

TEST_CASE("variables that steer computing are told from others", "[record][secrets]") {
  CHECK(steers_computing("CUDA_VISIBLE_DEVICES"));
  CHECK(steers_computing("LD_LIBRARY_PATH"));
  CHECK_FALSE(steers_computing("EDITOR"));
  CHECK_FALSE(steers_computing("TORCH_TOKEN"));
}
