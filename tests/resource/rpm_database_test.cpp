#include "resource/rpm_database.hpp"

#include <fstream>
#include <sstream>

#include "host/recorded_host.hpp"
#include "resource/sqlite_table.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// Two packages that rpm 4.18 has built, in a database of small pages: the second is in the log alone.
std::string fixture(const std::string& name) {
  std::ifstream file(std::string(MLENV_SOURCE_DIR) + "/tests/resource/rpm/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE(text.str().size() > 0);
  return text.str();
}

std::string database() { return fixture("rpmdb.sqlite"); }
std::string log_of_database() { return fixture("rpmdb.sqlite-wal"); }

std::string little(std::uint32_t number) {
  std::string bytes;
  for (int i = 0; i < 4; ++i, number >>= 8U) bytes += static_cast<char>(number & 0xffU);
  return bytes;
}

std::string header_of(const std::string& name) {
  std::string found;
  const auto file = database(), log = log_of_database();
  const auto image = SqliteImage::open(file, log);
  REQUIRE(image);
  REQUIRE(image->each_blob("Packages", [&](std::string_view blob) {
    if (read_rpm_header(blob)->name == name) found = blob;
  }));
  return found;
}

/// A database of rpm's ndb with one package, at the second page.
std::string ndb(const std::string& header) {
  std::string file = "RpmP" + little(0) + little(1) + little(1) + little(2) + std::string(12, '\0');
  file += "Slot" + little(1) + little(4096 / 16) + little(10);
  while (file.size() < 4096) file += "Slot" + std::string(12, '\0');
  return file + "BlbS" + little(1) + little(1) + little(static_cast<std::uint32_t>(header.size())) + header +
         little(0) + little(static_cast<std::uint32_t>(header.size())) + "BlbE";
}

RecordedFile as_file(std::string content) { return {FileType::file, std::move(content), 0644, 0, 0}; }

}  // namespace

TEST_CASE("a package of rpm's database is found by name, with its epoch and release", "[resource][rpm]") {
  const auto packages = parse_rpm_database(database(), {});
  REQUIRE(packages);
  const auto found = packages->find("greeting");
  REQUIRE(found);
  CHECK(found->full_version() == "2:1.2-3.fc39");
  CHECK(found->architecture == "noarch");
  CHECK(packages->find("greeting.noarch") == found);
  CHECK_FALSE(packages->find("greeting.x86_64"));
  CHECK_FALSE(packages->find("greet"));
}

TEST_CASE("what is in the write-ahead log counts, and only up to the last whole transaction",
          "[resource][rpm]") {
  CHECK_FALSE(parse_rpm_database(database(), {})->find("caller"));
  auto log = log_of_database();
  CHECK(parse_rpm_database(database(), log)->find("caller"));
  CHECK(parse_rpm_database(database(), log)->find("greeting"));
  SECTION("a log that is cut off in its last frame") {
    log.resize(log.size() - 1);
    CHECK_FALSE(parse_rpm_database(database(), log)->find("caller"));
  }
  SECTION("a frame whose sums do not fit") {
    log[log.size() - 100] = static_cast<char>(log[log.size() - 100] + 1);
    CHECK_FALSE(parse_rpm_database(database(), log)->find("caller"));
  }
}

TEST_CASE("a name that another package provides is told with its provider", "[resource][rpm]") {
  const auto packages = parse_rpm_database(database(), log_of_database());
  CHECK(packages->provider("salutation") == "greeting");
  CHECK_FALSE(packages->provider("farewell"));
}

TEST_CASE("what an installed package needs stays, unless that goes too", "[resource][rpm]") {
  const auto packages = parse_rpm_database(database(), log_of_database());
  CHECK(packages->needed_by("greeting", {"greeting"}) == "caller");
  CHECK_FALSE(packages->needed_by("greeting", {"greeting", "caller"}));
  CHECK_FALSE(packages->needed_by("caller", {"caller"}));
}

TEST_CASE("SUSE's ndb is read, and a package in the making is not taken for one", "[resource][rpm]") {
  auto file = ndb(header_of("caller"));
  const auto packages = parse_rpm_database(file, {});
  REQUIRE(packages);
  CHECK(packages->find("caller")->full_version() == "1.2-3.fc39");
  file[4096] = 'X';
  const auto damaged = parse_rpm_database(file, {});
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == "rpm.unreadable");
}

TEST_CASE("a database that is cut off cannot be told from, and is not empty", "[resource][rpm]") {
  for (const std::size_t size : {std::size_t{50}, std::size_t{600}, std::size_t{1500}, std::size_t{2500}}) {
    INFO(size);
    const auto packages = parse_rpm_database(database().substr(0, size), {});
    CHECK((!packages || packages->find("greeting")));
  }
}

TEST_CASE("what a record keeps of the database reads back as the same packages", "[resource][rpm]") {
  const auto packages = parse_rpm_database(database(), log_of_database());
  const auto again = parse_rpm_database(packages->condensed(), {});
  REQUIRE(again);
  CHECK(again->find("greeting")->full_version() == "2:1.2-3.fc39");
  CHECK(again->provider("salutation") == "greeting");
}

TEST_CASE("rpm's database is found where distributions have it; Berkeley DB is unknown", "[resource][rpm]") {
  for (const std::string folder : {"/var/lib/rpm", "/usr/lib/sysimage/rpm"}) {
    const auto host = recorded_reader({{folder + "/rpmdb.sqlite", as_file(database())},
                                       {folder + "/rpmdb.sqlite-wal", as_file(log_of_database())}});
    const auto packages = read_rpm_packages(*host);
    REQUIRE(packages);
    CHECK(packages->find("caller"));
  }
  const auto old = recorded_reader({{"/var/lib/rpm/Packages", as_file("\0\0\0\0")}});
  const auto unknown = read_rpm_packages(*old);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message.find("Berkeley DB") != std::string::npos);
  CHECK(read_rpm_packages(*recorded_reader({}))->empty());
}
