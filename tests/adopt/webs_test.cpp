#include "adopt/package_web.hpp"
#include "adopt/python_web.hpp"
#include "host/recorded_host.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

DpkgStanza package(const std::string& name, const std::string& depends = {},
                   const std::string& recommends = {}) {
  DpkgStanza made;
  made.name = name;
  made.architecture = "amd64";
  made.status = "install ok installed";
  made.depends = depends;
  made.recommends = recommends;
  return made;
}

std::vector<std::string> fewest(const PackageWeb& web) {
  std::vector<std::size_t> all;
  for (std::size_t at = 0; at < web.packages().size(); ++at) all.push_back(at);
  std::vector<bool> there(all.size());
  std::vector<std::string> names;
  for (const auto each : web.fewest(all, there)) names.push_back(web.packages()[each].name);
  return names;
}

/// Packages of a site folder: what a METADATA says, and whether somebody asked for it.
struct Wheel {
  std::string name;
  std::string metadata = {};
  bool requested = false;
};

std::vector<WantedDistribution> wanted(const std::vector<Wheel>& wheels,
                                       const std::set<std::string>& given = {}) {
  std::map<std::string, RecordedFile> files;
  for (const auto& each : wheels) {
    const auto folder = "/site/" + each.name + "-1.0.dist-info/";
    const auto text = "Name: " + each.name + "\nVersion: 1.0\n" + each.metadata + "\n";
    files[folder + "METADATA"] = {FileType::file, text, 0644, 0, 0};
    if (each.requested) files[folder + "REQUESTED"] = {FileType::file, {}, 0644, 0, 0};
  }
  const auto host = recorded_reader(files);
  const auto packages = read_distributions(*host, "/site");
  REQUIRE(packages);
  return PythonWeb(*host, *packages, linux_markers("3.11.2", "x86_64")).wanted(given);
}

}  // namespace

TEST_CASE("the fewest packages that bring all the others are found", "[adopt][apt]") {
  CHECK(fewest(PackageWeb(
            {package("a", "b (>= 1), c | d"), package("b"), package("d", "e:any"), package("e")}, true)) ==
        std::vector<std::string>{"a"});
  CHECK(fewest(PackageWeb({package("a", "b"), package("b", "a")}, true)) == std::vector<std::string>{"a"});
  CHECK(fewest(PackageWeb({package("a", "", "b"), package("b")}, true)) == std::vector<std::string>{"a"});
  CHECK(fewest(PackageWeb({package("a", "", "b"), package("b")}, false)) ==
        std::vector<std::string>{"a", "b"});
  auto provider = package("mawk");
  provider.provides = "awk, foo (= 1)";
  CHECK(fewest(PackageWeb({package("a", "awk"), provider}, true)) == std::vector<std::string>{"a"});
}

TEST_CASE("apt's own files tell who wanted a package", "[adopt][apt]") {
  CHECK(automatic_packages(
            "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nArchitecture: amd64\n"
            "Auto-Installed: 0\n") == std::set<std::string>{"a:amd64"});
  CHECK(
      requested_packages(
          "Start-Date: x\nCommandline: apt-get install -y -o A::B=c -t sid a b=1.0 c/sid ./d.deb e:i386 f-\n"
          "Commandline: apt remove g\nCommandline: /usr/bin/unattended-upgrade\n") ==
      std::set<std::string>{"a", "b", "c", "e"});
}

TEST_CASE("what somebody asked pip for is told by its own note", "[adopt][pip]") {
  CHECK(wanted({{"jupyter", "Requires-Dist: notebook", true}, {"notebook"}, {"numpy", "", true}}) ==
        std::vector<WantedDistribution>{{"jupyter", {}}, {"numpy", {}}});
}

TEST_CASE("without that note it is what nothing else needs", "[adopt][pip]") {
  CHECK(wanted({{"jupyter", "Requires-Dist: notebook"}, {"notebook"}, {"pip"}}, {"pip"}) ==
        std::vector<WantedDistribution>{{"jupyter", {}}});
  CHECK(wanted({{"a", "Requires-Dist: b"}, {"b", "Requires-Dist: a"}}) ==
        std::vector<WantedDistribution>{{"a", {}}});
  CHECK(wanted({{"a", "Requires-Dist: b; python_version < \"3\""}, {"b"}}) ==
        std::vector<WantedDistribution>{{"a", {}}, {"b", {}}});
}

TEST_CASE("an extra is meant where it brings what is there and nothing else does", "[adopt][pip]") {
  const std::string extras =
      "Provides-Extra: cuda12\nProvides-Extra: tpu\nRequires-Dist: plugin; extra == \"cuda12\"\n"
      "Requires-Dist: libtpu; extra == \"tpu\"";
  CHECK(wanted({{"jax", extras, true}, {"plugin", "Requires-Dist: nvidia"}, {"nvidia"}}) ==
        std::vector<WantedDistribution>{{"jax", {"cuda12"}}});
  CHECK(wanted({{"jax", extras, true}, {"plugin", "", true}}) ==
        std::vector<WantedDistribution>{{"jax", {}}, {"plugin", {}}});
}
