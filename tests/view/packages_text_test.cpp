#include "view/packages_text.hpp"

#include "support/catch.hpp"

using namespace mlenv;

namespace {

Json package(const char* action, const char* name, Json before, Json after, bool declared = false) {
  return {{"manager", "apt"},          {"name", name},
          {"action", action},          {"before", std::move(before)},
          {"after", std::move(after)}, {"origin", "Debian:12/stable"},
          {"file", nullptr},           {"download_bytes", 1000},
          {"disk_bytes", 4000},        {"declared", declared}};
}

}  // namespace

TEST_CASE("new packages are folded, what else happens to one never is", "[view][packages]") {
  const Json change = {
      {"packages",
       {package("install", "jq", nullptr, "1.6", true), package("install", "libjq1", nullptr, "1.6"),
        package("install", "libonig5", nullptr, "6.9"), package("upgrade", "libc6", "2.36", "2.37"),
        package("downgrade", "a", "2", "1"), package("remove", "fish", "3.1", nullptr)}}};
  CHECK(packages_text(change, {}) ==
        "      ~ libc6 2.36 -> 2.37  [Debian:12/stable]\n"
        "      ~ a 2 -> 1  downgrade  [Debian:12/stable]\n"
        "      - fish 3.1  removed\n"
        "      brings 2 more (2.0 kB to download, 8.0 kB on disk): libjq1 1.6, libonig5 6.9\n");
  Style verbose;
  verbose.verbose = true;
  const auto all = packages_text(change, verbose);
  CHECK(all.find("+ jq 1.6  [Debian:12/stable]  1.0 kB\n") != std::string::npos);
  CHECK(all.find("+ libonig5 6.9") != std::string::npos);
  CHECK(all.find("brings") == std::string::npos);
}

TEST_CASE("what is known later says after which step", "[view][packages]") {
  CHECK(packages_text({{"known_after", 5}}, {}) == "      versions: known after step 5\n");
  CHECK(packages_text({}, {}).empty());
}

TEST_CASE("the cost tells servers, room and restarts, and what is too little", "[view][packages]") {
  const Json cost = {{"download_bytes", 3000},
                     {"login", true},
                     {"services", {"ssh.service"}},
                     {"downloads",
                      {{{"source", "a.example"}, {"files", 1}, {"bytes", 1000}, {"cached_bytes", 0}},
                       {{"source", "b.example"}, {"files", 2}, {"bytes", 3000}, {"cached_bytes", 1000}}}},
                     {"disk",
                      {{{"mount", "/"},
                        {"need_bytes", 5000},
                        {"free_bytes", 9000},
                        {"for", {"downloads"}},
                        {"estimated", false}},
                       {{"mount", "/boot"},
                        {"need_bytes", 5000},
                        {"free_bytes", 10},
                        {"for", {"initramfs"}},
                        {"estimated", true}}}}};
  CHECK(cost_text(cost, {}) ==
        "\nCost\n"
        "  download  3.0 kB: 1.0 kB from a.example (1 file), 3.0 kB from b.example (2 files); 1.0 kB of it "
        "in the cache "
        "already\n"
        "  disk      / 5.0 kB of 9.0 kB free (downloads)\n"
        "            /boot about 5.0 kB of 10 B free (initramfs), too little\n"
        "  restarts  ssh.service\n"
        "  log-in    new variables and groups are seen by what starts after a new log-in\n");
  CHECK(cost_text({{"download_bytes", nullptr}}, {}).empty());
}
