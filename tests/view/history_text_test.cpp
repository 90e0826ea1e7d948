#include "view/history_text.hpp"

#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("past runs stand in columns, and what a torn journal lacks is a dash", "[view][history]") {
  const auto runs = nlohmann::ordered_json::parse(R"([
    {"run_id": "r2", "started": null, "recipe": null, "status": "cut short", "done": 0, "failed": 0, 
     "skipped": 0, "log": "/l/r2"},
    {"run_id": "r1", "started": "2021-03-04T05:06:07.890Z", "recipe": "lab", "status": "ok", "done": 12,
     "failed": 0,
     "skipped": 0, "log": "/l/\u001br1"}])");
  CHECK(history_text(runs, {}) ==
        "STARTED                   RECIPE  STATUS     DONE  FAILED  NOT REACHED  RUN  LOG\n"
        "-                         -       cut short  0     0       0            r2   /l/r2\n"
        "2021-03-04T05:06:07.890Z  lab     ok         12    0       0            r1   /l/\\x1br1\n");
}

TEST_CASE("without runs there is a sentence", "[view][history]") {
  CHECK(history_text(nlohmann::ordered_json::array(), {}) == "no runs yet\n");
}
