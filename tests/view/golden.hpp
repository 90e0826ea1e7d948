#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.hpp"

/// Compares a whole text with tests/view/golden/NAME. With MLENVCTL_ACCEPT=1 the file is written anew, and
/// the test fails so that nobody takes an accepted text for a checked one.
inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(MLENV_SOURCE_DIR) + "/tests/view/golden/" + name;
  if (const char* accept = std::getenv("MLENVCTL_ACCEPT"); accept != nullptr && std::string(accept) == "1") {
    std::ofstream(path, std::ios::binary) << text;
    FAIL_CHECK("accepted " << path << "; look at it, then run again without MLENVCTL_ACCEPT");
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream expected;
  expected << file.rdbuf();
  INFO("golden " << path);
  CHECK(text == expected.str());
}
