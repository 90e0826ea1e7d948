#include "knowledge/knowledge.hpp"

#include <set>

#include "base/dotted_version.hpp"
#include "base/text.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

const Knowledge& tables() {
  static const Knowledge knowledge;
  return knowledge;
}

SourcePtr file(std::string name, std::string text) {
  return std::make_shared<const Source>(Source{std::move(name), std::move(text)});
}

}  // namespace

TEST_CASE("a card is known by its PCI id before there is a driver", "[knowledge][gpu]") {
  const auto card = tables().gpu("10de:2484");
  REQUIRE(card);
  CHECK(card->name == "GeForce RTX 3070");
  CHECK(card->chip == "GA104");
  CHECK(card->architecture == "Ampere");
  CHECK(card->compute_capability == "8.6");
  CHECK(tables().gpu("10DE:20B0")->compute_capability == "8.0");
  CHECK(tables().gpu("10de:139a")->compute_capability == "5.0");
  CHECK(tables().gpu("10de:139a")->last_branch == "580");
  CHECK(tables().gpu("10de:2b85")->open_modules == "required");
}

TEST_CASE("a card that is not in the table is not guessed", "[knowledge][gpu]") {
  for (const char* id : {"10de:ffff", "10de:0000", "8086:2484", "10de:248", "10de:24845", "", "10de:#devi"}) {
    INFO(id);
    CHECK_FALSE(tables().gpu(id));
  }
}

TEST_CASE("a chip is known with the letters of its variant behind", "[knowledge][gpu]") {
  CHECK(tables().chip("GM107M")->compute_capability == "5.0");
  CHECK(tables().chip("GV100GL")->compute_capability == "7.0");
  CHECK(tables().chip("GK110B")->chip == "GK110B");
  CHECK_FALSE(tables().chip("GX999"));
  CHECK_FALSE(tables().chip(""));
}

TEST_CASE("every table is compiled in, and every row has its source", "[knowledge][data]") {
  for (const auto& shape : table_shapes()) {
    INFO(std::string(shape.name));
    const auto& rows = tables().table(std::string(shape.name));
    CHECK(rows.size() > 3);
    std::set<std::string> keys;
    for (const auto& row : rows) {
      std::string key;
      for (const auto& column : shape.key) key += join(row.list(column), " ") + "|";
      INFO(key);
      CHECK(keys.insert(key).second);
      CHECK_FALSE(row.source().empty());
    }
  }
}

TEST_CASE("the tables do not contradict each other", "[knowledge][data]") {
  const auto has_toolkit = [](const std::string& cuda) {
    return tables().find("cuda_toolkits", "toolkit", cuda) != nullptr;
  };
  for (const auto& row : tables().table("cuda_releases")) {
    INFO(row.text("version"));
    CHECK(has_toolkit(row.text("toolkit")));
    CHECK(row.text("version").starts_with(row.text("toolkit") + "."));
  }
  for (const auto& row : tables().table("driver_branches")) {
    INFO(row.text("branch"));
    for (const char* family : {"oldest", "newest"})
      CHECK(tables().find("gpu_chips", "architecture", row.text(family)) != nullptr);
  }
  for (const auto& row : tables().table("gpu_chips")) {
    INFO(row.text("chip"));
    if (row.has("last_branch")) CHECK(tables().find("driver_branches", "branch", row.text("last_branch")));
  }
  for (const auto& row : tables().table("tensorflow")) {
    INFO(row.text("version"));
    CHECK(has_toolkit(row.text("cuda")));
  }
  for (const auto& row : tables().table("cudnn_packages")) {
    INFO(row.text("version"));
    if (row.has("version")) CHECK(row.text("version").starts_with(row.text("cudnn")));
  }
}

TEST_CASE("every build of PyTorch that is offered has a row of its code", "[knowledge][data]") {
  for (const auto& release : tables().table("pytorch")) {
    const auto& version = release.text("version");
    for (const auto& tag : release.list("cuda")) {
      INFO(version + " " + tag);
      bool found = false;
      for (const auto& build : tables().table("pytorch_builds")) {
        for (const auto& each : build.list("versions"))
          found =
              found || (build.text("cuda") == tag && (each == version || version.starts_with(each + ".")));
      }
      CHECK(found);
    }
  }
}

TEST_CASE("every repository is signed by a key that is known and in use, and a dead key has a successor",
          "[knowledge][cuda]") {
  for (const auto& repository : tables().cuda_repositories()) {
    INFO(repository.directory);
    const auto key = tables().cuda_key(repository.key);
    REQUIRE(key);
    CHECK(key->fingerprint.size() == 40);
    CHECK(key->replaced.empty());
  }
  for (const auto& row : tables().table("cuda_keys")) {
    if (row.has("replaced")) CHECK(tables().cuda_key(row.text("successor")));
  }
  CHECK_FALSE(tables().cuda_key("a4b469963bf863cc"));
  CHECK(tables().cuda_key("EB693B3035CD5710E231E123A4B469963BF863CC")->short_id == "3bf863cc");
}

TEST_CASE("a lab's own rows stand over the compiled-in ones", "[knowledge][own]") {
  Knowledge own;
  Diagnostics diagnostics;
  own.add_file("gpus", file("gpus.yaml", "\"2fff\": {name: GeForce RTX 6090, chip: GA104, source: ours}\n"),
               diagnostics);
  own.add_file("gpu_chips",
               file("gpu_chips.yaml",
                    "sources: {ours: measured}\nrows:\n"
                    "  - {chip: GR102, architecture: Rubin, compute_capability: \"10.7\", source: ours}\n"),
               diagnostics);
  REQUIRE_FALSE(diagnostics.failed());
  CHECK(own.gpu("10de:2fff")->compute_capability == "8.6");
  CHECK(own.chip("GR102")->compute_capability == "10.7");
  CHECK(own.gpu("10de:2484")->name == "GeForce RTX 3070");
}

TEST_CASE("a lab's file with an unknown table, column or source is refused", "[knowledge][own]") {
  const auto complaint = [](const std::string& name, const std::string& text) {
    Knowledge own;
    Diagnostics diagnostics;
    own.add_file(name, file(name + ".yaml", text), diagnostics);
    return diagnostics.failed() ? diagnostics.all()[0].code : "";
  };
  CHECK(complaint("gpu_chip", "rows: []\n") == "knowledge.table");
  CHECK(complaint("gpu_chips", "sources: {a: b}\nrows: [{chip: X, capability: 1, source: a}]\n") ==
        "knowledge.column");
  CHECK(complaint("gpu_chips", "rows: [{chip: X}]\n") == "knowledge.source");
  CHECK(complaint("gpu_chips", "rows: [{chip: X, source: nobody}]\n") == "knowledge.source");
  CHECK(complaint("gpu_chips", "chips: []\n") == "knowledge.shape");
}
