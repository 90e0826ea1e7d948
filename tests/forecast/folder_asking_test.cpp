#include "forecast/folder_asking.hpp"

#include "base/text.hpp"
#include "host/recorded_host.hpp"
#include "support/catch.hpp"
#include "support/zip_archive.hpp"

using namespace mlenv;

namespace {

/// A host with a folder of wheels, and a call that asks for some of them.
struct Wheelhouse {
  std::map<std::string, RecordedFile> files = {};
  PipInstall call{"/home/student/torch"};
  PythonWanted wanted{"/home/student/torch", false, "/usr/bin/python3", "3.11.2"};
  Environment environment = {};
  Facts facts = {};

  Wheelhouse() {
    call.source.no_index = true;
    call.source.find_links = {"/srv/my wheels"};
    facts.arch = "x86_64";
    facts.user.home = "/home/student";
    facts.user.uid = 1000;
  }
  std::string add(const std::string& file, const std::string& headers) {
    const auto parts = split(file, '-');
    const auto name = std::string(parts[0]), version = std::string(parts[1]);
    const auto metadata = "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n" + headers +
                          "\nRequires-Dist: the description says so\n";
    auto bytes = zip_archive(
        {{name + "/__init__.py", "x = 1\n"}, {name + "-" + version + ".dist-info/METADATA", metadata}});
    files["/srv/my wheels/" + file].content = bytes;
    return bytes;
  }
  std::string add_pure(const std::string& name, const std::string& version, const std::string& headers = {}) {
    return add(name + "-" + version + "-py3-none-any.whl", headers);
  }
  std::optional<std::vector<ReportedWheel>> ask(std::vector<std::string> requirements) {
    call.requirements = std::move(requirements);
    return ask_folders(call, wanted, {*recorded_reader(files), facts.arch, facts.user, environment});
  }
  /// `a==1 b==2` in the order found; `pip is asked` where that is left to it.
  std::string come(std::vector<std::string> requirements) {
    const auto reported = ask(std::move(requirements));
    std::vector<std::string> names;
    if (!reported) return "pip is asked";
    for (const auto& each : *reported) names.push_back(each.wheel.name + "==" + each.wheel.version);
    return join(names, " ");
  }
};

}  // namespace

TEST_CASE("wheels in folders tell what comes without pip", "[forecast][pip]") {
  Wheelhouse house;
  house.add_pure(
      "app", "2.0",
      "Requires-Python: >=3.8\nRequires-Dist: Some.Thing (>=1.0,<2) ; python_version >= \"3.8\"\n"
      "Requires-Dist: colorama; sys_platform == \"win32\"\nRequires-Dist: pytest; extra == \"test\"\n");
  const auto bytes = house.add_pure("some_thing", "1.5.0");
  const auto come = house.ask({"app", "some-thing!=1.4"});
  REQUIRE(come);
  REQUIRE(come->size() == 2);
  CHECK(come->front().wheel.name == "app");
  CHECK(come->front().requires_dist.size() == 3);
  CHECK(come->back().wheel == Wheel{"some-thing", "1.5.0", "some_thing-1.5.0-py3-none-any.whl",
                                    "file:///srv/my%20wheels/some_thing-1.5.0-py3-none-any.whl",
                                    sha256_hex(bytes)});
}

TEST_CASE("what is asked for is chosen before what others would take", "[forecast][pip]") {
  Wheelhouse house;
  house.add_pure("app", "1.0", "Requires-Dist: base>=1\n");
  house.add_pure("base", "1.0");
  house.add_pure("base", "2.0");
  CHECK(house.come({"app", "base==1.0"}) == "app==1.0 base==1.0");
  CHECK(house.come({"app"}) == "pip is asked");
  CHECK(house.come({"base==1.0; python_version<\"3\"", "base==2.0"}) == "base==2.0");
}

TEST_CASE("where anything is left to choose or to explain pip is asked", "[forecast][pip]") {
  Wheelhouse house;
  house.add_pure("plain", "1.0");
  house.add_pure("early", "2.0rc1");
  house.add("built-1.0-cp311-cp311-linux_x86_64.whl", "");
  house.add("both-1.0-py3-none-any.whl", "");
  house.add("both-1.0-cp311-cp311-linux_x86_64.whl", "");
  house.add_pure("old", "1.0", "Requires-Python: <3.9\n");
  house.add_pure("lost", "1.0", "Requires-Dist: nowhere\n");
  house.add_pure("kernel", "1.0", "Requires-Dist: plain; platform_release >= \"5\"\n");
  house.add_pure("ages", "1.0", "Requires-Dist: plain; python_implementation == \"CPython\"\n");
  house.add_pure("extra", "1.0", "Requires-Dist: plain[more]\n");
  house.add_pure("direct", "1.0", "Requires-Dist: plain @ https://x.example/plain-1.0-py3-none-any.whl\n");
  house.add_pure("clash", "1.0", "Requires-Dist: plain>1\n");
  CHECK(house.come({"plain"}) == "plain==1.0");
  for (const char* wanted : {"nowhere", "plain>1", "early", "built", "both", "old", "lost", "kernel", "ages",
                             "extra", "direct", "clash", "plain[more]", "not a name"}) {
    INFO(wanted);
    CHECK(house.come({"plain", wanted}) == "pip is asked");
  }
}

TEST_CASE("what pip takes for no wheel is none", "[forecast][pip]") {
  Wheelhouse house;
  house.add_pure("plain", "1.0", "Requires-Dist: base; platform_python_implementation == \"CPython\"\n");
  house.add("base-1.0-1-py2.py3-none-any.whl", "");
  house.add("base-1.0-x-py3-none-any.whl", "");
  house.add("base-x-py3-none-any.whl", "");
  house.files["/srv/my wheels/base-1.0.tar.gz"].content = "a source";
  CHECK(house.come({"plain"}) == "plain==1.0 base==1.0");
}

TEST_CASE("a wheel that is not what its name says is left to pip", "[forecast][pip]") {
  Wheelhouse house;
  const auto bytes = house.add_pure("plain", "1.0");
  const auto file = [](const char* name) { return "/srv/my wheels/" + std::string(name); };
  house.files[file("other-1.0-py3-none-any.whl")].content = bytes;
  house.files[file("torn-1.0-py3-none-any.whl")].content = house.add_pure("torn", "1.0").substr(0, 90);
  house.files[file("empty-1.0-py3-none-any.whl")].content = "";
  house.add("lines-1.0-1\n-py3-none-any.whl", "");
  for (const char* wanted : {"other", "torn", "empty", "lines"}) {
    INFO(wanted);
    CHECK(house.come({wanted}) == "pip is asked");
  }
}

TEST_CASE("what tells pip to choose otherwise is not overlooked", "[forecast][pip]") {
  const auto come = [](const std::function<void(Wheelhouse&)>& change) {
    Wheelhouse house;
    house.add_pure("plain", "1.0");
    change(house);
    return house.come({"plain"});
  };
  CHECK(come([](Wheelhouse& house) { house.environment["PIP_INDEX_URL"] = "https://x.example/simple"; }) ==
        "plain==1.0");
  CHECK(come([](Wheelhouse& house) { house.call.keep = {"plain<2", "other==1"}; }) == "plain==1.0");
  const std::function<void(Wheelhouse&)> changes[] = {
      [](Wheelhouse& house) {
        house.environment["XDG_CONFIG_HOME"] = "/srv/settings";
        house.files["/srv/settings/pip/pip.conf"].content = "[global]\nfind-links = /other\n";
      },
      [](Wheelhouse& house) {
        house.environment["XDG_CONFIG_DIRS"] = "/none:/srv/settings";
        house.files["/srv/settings/pip/pip.conf"].content = "[install]\nconstraint = /c.txt\n";
      },
      [](Wheelhouse& house) { house.environment["PIP_CONSTRAINT"] = "/c.txt"; },
      [](Wheelhouse& house) { house.files["/etc/pip.conf"].content = "[global]\nfind-links = /other\n"; },
      [](Wheelhouse& house) {
        house.files["/srv/my wheels/index.html"].content = "<a href=\"/x/plain-2.0.whl\">";
      },
      [](Wheelhouse& house) { house.files["/srv/my wheels/INDEX.HTM"].content = "a page"; },
      [](Wheelhouse& house) { house.files["/srv/my wheels/all.shtml.gz"].content = "a page"; },
      [](Wheelhouse& house) { house.call.keep = {"plain>1"}; },
      [](Wheelhouse& house) { house.call.source.no_index = false; },
      [](Wheelhouse& house) { house.call.source.find_links.push_back("https://x.example/wheels.html"); },
      [](Wheelhouse& house) { house.call.source.find_links.push_back("/srv/not-there"); },
      [](Wheelhouse& house) { house.call.reinstall = true; },
      [](Wheelhouse& house) { house.call.prefix.clear(); },
      [](Wheelhouse& house) { house.wanted.stands = true; },
      [](Wheelhouse& house) { house.wanted.system_site_packages = true; },
      [](Wheelhouse& house) { house.wanted.version = "3.11"; },
  };
  for (const auto& change : changes) {
    INFO(&change - changes);
    CHECK(come(change) == "pip is asked");
  }
}

TEST_CASE("wheels that only root can read are not planned for a user's pip", "[forecast][pip]") {
  Wheelhouse house;
  house.add_pure("plain", "1.0");
  house.add_pure("htmlmin", "1.0");
  CHECK(house.come({"plain", "htmlmin"}) == "plain==1.0 htmlmin==1.0");
  auto& wheel = house.files["/srv/my wheels/plain-1.0-py3-none-any.whl"];
  auto& folder = house.files["/srv/my wheels"];
  folder.type = FileType::directory;
  folder.mode = 0755;
  wheel.mode = 0600;
  CHECK(house.come({"plain"}) == "pip is asked");
  wheel.uid = house.facts.user.uid;
  CHECK(house.come({"plain"}) == "plain==1.0");
  for (const unsigned mode : {0750U, 0711U}) {
    folder.mode = mode;
    CHECK(house.come({"plain"}) == "pip is asked");
  }
  house.facts.user.uid = 0;
  CHECK(house.come({"plain"}) == "plain==1.0");
  house.facts.user.uid = 1000;
  folder.mode = 0755;
  house.files["/srv"] = {FileType::directory, {}, 0700};
  CHECK(house.come({"plain"}) == "pip is asked");
}
