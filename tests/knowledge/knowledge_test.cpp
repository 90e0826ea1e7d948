#include <fstream>

#include "base/text.hpp"
#include "knowledge/cuda_repository.hpp"
#include "knowledge/gpu_model.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

std::vector<std::vector<std::string>> rows_of(const std::string& name) {
  std::ifstream file(std::string(MLENV_SOURCE_DIR) + "/engine/knowledge/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    rows.emplace_back();
    for (const auto field : split(line, '\t')) rows.back().emplace_back(field);
  }
  return rows;
}

}  // namespace

TEST_CASE("a card is known by its PCI id before there is a driver", "[knowledge][gpu]") {
  const auto card = gpu_model("10de:2484");
  REQUIRE(card);
  CHECK(card->name == "GeForce RTX 3070");
  CHECK(card->chip == "GA104");
  CHECK(card->architecture == "Ampere");
  CHECK(card->compute_capability == "8.6");
  CHECK(gpu_model("10DE:20B0")->compute_capability == "8.0");
}

TEST_CASE("a card that is not in the table is not guessed", "[knowledge][gpu]") {
  for (const char* id : {"10de:ffff", "10de:0000", "8086:2484", "10de:248", "10de:24845", "", "10de:#devi"}) {
    INFO(id);
    CHECK_FALSE(gpu_model(id));
  }
}

TEST_CASE("every row of the table is found, so it is sorted", "[knowledge][gpu]") {
  const auto rows = rows_of("gpu_pci.tsv");
  CHECK(rows.size() > 800);
  for (const auto& row : rows) {
    REQUIRE(row.size() == 8);
    const auto card = gpu_model("10de:" + row[0]);
    REQUIRE(card);
    CHECK(card->chip == row[2]);
    CHECK_FALSE(row[7].empty());
  }
}

TEST_CASE("every repository has a key in use, and every key that was replaced a successor",
          "[knowledge][cuda]") {
  for (const auto& repository : cuda_repositories()) {
    INFO(repository.directory);
    const auto key = cuda_key(repository.key);
    REQUIRE(key);
    CHECK(key->replaced.empty());
    CHECK_FALSE(repository.arches.empty());
  }
  for (const auto& row : rows_of("cuda_keys.tsv")) {
    REQUIRE(row.size() == 5);
    CHECK(row[1].size() == 40);
    CHECK(to_lower(row[1]).ends_with(to_lower(row[0])));
    CHECK(row[4].starts_with("https://"));
    if (!row[2].empty()) CHECK(cuda_key(row[3]));
  }
  CHECK_FALSE(cuda_key("a4b469963bf863cc"));
  CHECK(cuda_key("EB693B3035CD5710E231E123A4B469963BF863CC")->short_id == "3bf863cc");
}
