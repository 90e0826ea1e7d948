#include "forecast/apt_output.hpp"

#include "support/catch.hpp"

using namespace mlenv;

TEST_CASE("a simulation tells of installs, upgrades and removals with their origin", "[forecast][apt]") {
  const auto changes = parse_simulation(
      "Reading package lists...\n"
      "Remv old-driver [390.1-1]\n"
      "Inst hello (2.10-3 Debian:12.15/oldstable [amd64])\n"
      "Inst jq [1.6-2.1+deb12u1] (1.6-2.1+deb12u3 Debian:12/stable, Debian-Security:12/stable-security "
      "[amd64]) []\n"
      "Inst libc6:i386 (2.36-9 Debian:12/stable [i386])\n"
      "Inst local-thing (1.0 [all])\n"
      "Conf hello (2.10-3 Debian:12.15/oldstable [amd64])\n");
  REQUIRE(changes.size() == 5);
  CHECK(changes[0].effect == AptEffect{"old-driver", "390.1-1", ""});
  CHECK(changes[1] == SimulatedChange{{"hello", "", "2.10-3"}, "amd64", "Debian:12.15/oldstable"});
  CHECK(changes[2] ==
        SimulatedChange{{"jq", "1.6-2.1+deb12u1", "1.6-2.1+deb12u3"}, "amd64", "Debian:12/stable"});
  CHECK(changes[3] == SimulatedChange{{"libc6:i386", "", "2.36-9"}, "i386", "Debian:12/stable"});
  CHECK(changes[4] == SimulatedChange{{"local-thing", "", "1.0"}, "all", ""});
}

TEST_CASE("a stanza tells sizes in bytes and the names that it leads to", "[forecast][apt]") {
  const auto stanzas = parse_stanzas(
      "Package: a\nVersion: 1\nInstalled-Size: 277\nSize: 53080\nFilename: pool/a_1_amd64.deb\n"
      "Depends: b (>= 1), c:any | d\nRecommends: e\nDescription: x\n Depends: not-a-field\nProvides: virtual "
      "(= 1)\n"
      "\nPackage: z\nVersion: 2\n");
  REQUIRE(stanzas.size() == 2);
  CHECK(stanzas[0].installed_bytes == 277 * 1024);
  CHECK(stanzas[0].download_bytes == 53080);
  CHECK(stanzas[0].brings == std::vector<std::string>{"b", "c", "d", "e"});
  CHECK(stanzas[0].provides == std::vector<std::string>{"virtual"});
  CHECK(stanzas[1].name == "z");
}

TEST_CASE("printed addresses give the file and its size", "[forecast][apt]") {
  const auto uris = parse_uris(
      "Reading package lists...\n'http://deb.debian.org/debian/pool/main/h/hello/hello_2.10-3_amd64.deb' "
      "hello_2.10-3_amd64.deb 53080 MD5Sum:d04c\n");
  REQUIRE(uris.size() == 1);
  CHECK(uris[0].file == "hello_2.10-3_amd64.deb");
  CHECK(uris[0].bytes == 53080);
}

TEST_CASE("what apt could not meet is taken apart", "[forecast][apt]") {
  const auto unmet = parse_unmet(
      "The following packages have unmet dependencies:\n"
      " libcudnn8-dev : Depends: libcudnn8 (= 8.0.5) but 8.9.7 is to be installed\n"
      "                 Depends: other but it is not installable\n"
      " rival : Conflicts: fish\n"
      "E: Unable to correct problems, you have held broken packages.\n");
  REQUIRE(unmet.size() == 3);
  CHECK(unmet[0].package == "libcudnn8-dev");
  CHECK(unmet[0].target == "libcudnn8");
  CHECK(unmet[0].wanted == "(= 8.0.5)");
  CHECK(unmet[0].because == "8.9.7 is to be installed");
  CHECK(unmet[1].package == "libcudnn8-dev");
  CHECK(unmet[1].wanted.empty());
  CHECK(unmet[2].relation == "Conflicts");
}

TEST_CASE("madison's versions come newest first, without those of sources", "[forecast][apt]") {
  const auto versions = parse_madison(
      " a | 8.0.5-1+cuda11.0 | http://x ./ Packages\n a | 8.1.0-1+cuda11.2 | http://x ./ Packages\n"
      " a | 9.0-1 | http://x ./ Sources\n a | 8.0.5-1+cuda11.0 | http://y ./ Packages\n");
  REQUIRE(versions.size() == 2);
  CHECK(versions[0].str() == "8.1.0-1+cuda11.2");
  CHECK(nearest_versions(versions, DebVersion::parse("8.0.9")) ==
        "apt knows: 8.1.0-1+cuda11.2, 8.0.5-1+cuda11.0");
  CHECK(nearest_versions({}, std::nullopt).find("is its repository declared?") != std::string::npos);
}

TEST_CASE("complaints are apt's errors, and its warnings only where they count", "[forecast][apt]") {
  const Output output{100, false, "", "W: a weak digest\nW: Failed to fetch http://u:p@x/ 404\nE: broken\n"};
  CHECK(apt_complaint(output, false) == "broken");
  CHECK(apt_complaint(output, true) == "Failed to fetch http://***@x/ 404; broken");
  CHECK(passes_by_itself("File has unexpected size (1 != 2). Mirror sync in progress?"));
  CHECK_FALSE(passes_by_itself("404  Not Found"));
}
