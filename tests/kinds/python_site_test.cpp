#include "resource/python_site.hpp"

#include "host/recorded_host.hpp"
#include "resource/python_wish.hpp"
#include "resource/venv_files.hpp"
#include "support/catch.hpp"

namespace mlenv {
namespace {

std::string version_of(std::map<std::string, RecordedFile> files, const std::string& name) {
  const auto packages = read_distributions(*recorded_reader(std::move(files)), "/s");
  REQUIRE(packages);
  const auto found = packages->find(name);
  return found == packages->end() ? "none" : found->second.version;
}

RecordedFile text(std::string content) { return {FileType::file, std::move(content)}; }

TEST_CASE("packages are read from the names of their folders", "[kinds][python_site]") {
  CHECK(version_of({{"/s/scikit_learn-1.3.2.dist-info/METADATA", text("")}}, "scikit-learn") == "1.3.2");
  CHECK(version_of({{"/s/torch-1.7.1+cu110.dist-info/METADATA", text("")}}, "torch") == "1.7.1+cu110");
  CHECK(version_of({{"/s/PyGObject-3.42.2-py3.11.egg-info", text("")}}, "pygobject") == "3.42.2");
}

TEST_CASE("what a folder's name does not tell is read from its metadata", "[kinds][python_site]") {
  const auto metadata =
      text("Metadata-Version: 1.2\nName: Crypto_Graphy\nVersion: 38.0.4\n\nName: not this\n");
  CHECK(version_of({{"/s/crypto.egg-info/PKG-INFO", metadata}}, "crypto-graphy") == "38.0.4");
  CHECK(version_of({{"/s/crypto.egg-info", metadata}}, "crypto-graphy") == "38.0.4");
}

TEST_CASE("what pip has set aside is not installed", "[kinds][python_site]") {
  CHECK(version_of({{"/s/~umpy-1.0.dist-info/METADATA", text("")}}, "numpy") == "none");
  CHECK(version_of({{"/s/~umpy-1.0.dist-info/METADATA", text("")}}, "umpy") == "none");
}

TEST_CASE("a dist-info counts more than an egg-info of the same package", "[kinds][python_site]") {
  CHECK(version_of({{"/s/numpy-1.26.0.dist-info/METADATA", text("")}, {"/s/numpy-1.1.egg-info", text("")}},
                   "numpy") == "1.26.0");
}

TEST_CASE("the first folder on the way wins", "[kinds][python_site]") {
  const auto host = recorded_reader(
      {{"/a/numpy-1.0.dist-info/METADATA", text("")}, {"/b/numpy-2.0.dist-info/METADATA", text("")}});
  CHECK(read_all_distributions(*host, {"/b", "/a"})->at("numpy").version == "2.0");
}

TEST_CASE("continued header lines belong to their header, the description to none", "[kinds][python_site]") {
  const auto values =
      metadata_values("Requires-Dist: a\n  >=1\nrequires-dist: b\n\nRequires-Dist: c\n", "Requires-Dist");
  CHECK(values == std::vector<std::string>{"a >=1", "b"});
}

TEST_CASE("pyvenv.cfg of venv, virtualenv and uv is understood", "[kinds][python_site]") {
  CHECK(parse_venv_config("home = /usr/bin\ninclude-system-site-packages = True\nversion = 3.8.10\n") ==
        VenvConfig{"/usr/bin", "3.8.10", true});
  CHECK(parse_venv_config("home=/opt/bin\r\nversion_info = 3.11.2.final.0\r\n") ==
        VenvConfig{"/opt/bin", "3.11.2", false});
  CHECK(with_system_site_packages("home = /usr/bin\n", true) ==
        "home = /usr/bin\ninclude-system-site-packages = true\n");
}

TEST_CASE("the marker is read as it was written, and nothing else is one", "[kinds][python_site]") {
  const EnvironmentMarker marker{true, {{"pip", "24.0"}, {"numpy<2", "1.26.4"}}};
  CHECK(parse_marker(marker_text(marker)) == marker);
  CHECK_FALSE(parse_marker("{}"));
  CHECK_FALSE(parse_marker("not json"));
}

TEST_CASE("a Python is wished for by specifier, version, name or path", "[kinds][python_site]") {
  const auto allows = [](const char* wish, const char* version) {
    return PythonWish::parse(wish)->allows(version);
  };
  CHECK(allows("", "3.11.2"));
  CHECK(allows(">=3.6,<3.9", "3.8.10"));
  CHECK_FALSE(allows(">=3.6,<3.9", "3.11.2"));
  CHECK(allows("3.10", "3.10.4"));
  CHECK_FALSE(allows("3.1", "3.10.4"));
  CHECK(allows("python3.8", "3.8.10"));
  CHECK(allows("python3", "3.8.10"));
  CHECK(allows("3.8.10", "3.8"));
  CHECK_FALSE(PythonWish::parse("pypy"));
  CHECK(PythonWish::parse("3.8.10")->program() == "python3.8");
}

TEST_CASE("of the Pythons that fit the first is taken", "[kinds][python_site]") {
  const std::vector<Python> pythons = {{"/usr/bin/python3", "3.11.2"}, {"/usr/bin/python3.8", "3.8.10"}};
  CHECK(choose_python(pythons, *PythonWish::parse(""))->path == "/usr/bin/python3");
  CHECK(choose_python(pythons, *PythonWish::parse("<3.9"))->path == "/usr/bin/python3.8");
  CHECK_FALSE(choose_python(pythons, *PythonWish::parse("3.12")));
}

}  // namespace

TEST_CASE("changing pyvenv.cfg keeps the ends of its other lines", "[kinds][python_site]") {
  CHECK(with_system_site_packages("home = /usr/bin\r\nx\r\r\n", true) ==
        "home = /usr/bin\r\nx\r\r\ninclude-system-site-packages = true\n");
}

}  // namespace mlenv
