#include "host/host_record.hpp"
#include "record/condense.hpp"
#include "record/survey.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

const std::string home = "/home/u";
const std::string site = home + "/ml/v/lib/python3.11/site-packages";

RecordedFile text(std::string content, unsigned mode = 0644) {
  return {FileType::file, std::move(content), mode, 1000, 1000};
}
RecordedFile link_to(std::string target) { return {FileType::symlink, std::move(target), 0777, 0, 0}; }

std::map<std::string, RecordedFile> machine() {
  return {
      {"/etc/passwd", text("root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000:Jane Doe:/home/u:/bin/bash\n"
                           "other:x:1001:1001::/home/other:/bin/sh\n")},
      {"/var/lib/dpkg/status",
       text("Package: b\nStatus: install ok installed\nArchitecture: all\nVersion: 2\nProvides: virtual\n\n"
            "Package: a\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 1\nDescription: x\n y\n\n"
            "Package: c\nStatus: install ok installed\nArchitecture: i386\nVersion: 3\n")},
      {"/var/lib/dpkg/arch", text("amd64\n")},
      {"/usr/bin/python3", link_to("python3.11")},
      {"/usr/bin/python3.11", text("ELF", 0755)},
      {home + "/ml/v/pyvenv.cfg", text("home = /usr/bin\nversion = 3.11.2\n")},
      {home + "/ml/v/bin/python", link_to("/usr/bin/python3")},
      {site + "/numpy-1.0.dist-info/METADATA",
       text("Name: numpy\nVersion: 1.0\nRequires-Dist: x\n\nlong story\n")},
      {site + "/numpy-1.0.dist-info/RECORD", text("numpy/__init__.py,sha256=x,3\nnumpy/gone.py,,1\n")},
      {site + "/numpy/__init__.py", text("abc")},
      {home + "/thesis.tex", text("mine")},
  };
}

Facts facts_of_machine() {
  Facts facts;
  facts.arch = "x86_64";
  facts.user = {"u", home, "/bin/bash", 1000, 1000};
  facts.pythons = {{"/usr/bin/python3.11", "3.11.2"}};
  return facts;
}

RecordedHost record_of(const std::map<std::string, RecordedFile>& files) {
  const auto live = recorded_reader(files);
  const auto facts = facts_of_machine();
  const RecordingReader recorder(*live);
  survey(recorder, facts, find_venvs(*live, facts, {}));
  look_at_named(recorder);
  return condensed(recorder.seen(), *live, facts, {});
}

/// The record as it comes back from its document.
RecordedHost reread(const RecordedHost& record) {
  const auto document = recorded_host_document(record, {{"arch", "x86_64"}});
  auto read = read_recorded_host(document.dump());
  REQUIRE(read);
  CHECK(recorded_host_document(*read, {{"arch", "x86_64"}}).dump() == document.dump());
  return *read;
}

}  // namespace

TEST_CASE("a record answers as the host where it was asked, and says so where it was not", "[record]") {
  const auto live = recorded_reader(machine());
  const auto read = host_reader(reread(record_of(machine())));
  CHECK(*read->read_file(home + "/ml/v/pyvenv.cfg") == *live->read_file(home + "/ml/v/pyvenv.cfg"));
  CHECK(resolve_links(*read, home + "/ml/v/bin/python") == "/usr/bin/python3.11");
  CHECK(*read->stat("/usr/bin/python3.11", Links::follow) != std::nullopt);
  CHECK((*read->stat("/usr/bin/python3.11", Links::follow))->mode == 0755);
  CHECK((*read->stat(home + "/ml/v", Links::follow))->uid ==
        (*live->stat(home + "/ml/v", Links::follow))->uid);
  CHECK(*read->read_file("/etc/pip.conf") == std::nullopt);
  CHECK(read->read_file(home + "/thesis.tex").error().code == "host.not-recorded");
  CHECK(read->stat("/nowhere", Links::keep).error().code == "host.not-recorded");
  CHECK(read->list(home).error().code == "host.not-recorded");
  CHECK(read->read_file("/usr/bin/python3.11").error().code == "host.left-out");
}

TEST_CASE("of dpkg's database a record keeps versions, states and what is provided", "[record]") {
  const auto document = recorded_host_document(record_of(machine()), {{"arch", "x86_64"}});
  CHECK(
      document["packages"].dump() ==
      R"({"a":{"version":"1","status":"hold ok installed"},"b":{"version":"2","provides":"virtual"},"c:i386":"3"})");
  const auto status = reread(record_of(machine())).files.at("/var/lib/dpkg/status").content;
  CHECK(status.find("Package: a\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 1\n") == 0);
}

TEST_CASE("of a Python package a record keeps what plans look at", "[record]") {
  const auto record = reread(record_of(machine()));
  CHECK(record.files.at(site + "/numpy-1.0.dist-info/METADATA").content ==
        "Name: numpy\nVersion: 1.0\nRequires-Dist: x\n");
  CHECK(record.files.at(site + "/numpy-1.0.dist-info/RECORD").content == "numpy/gone.py,,changed\n");
  CHECK(record.files.count(site + "/numpy/__init__.py") == 0);
}

TEST_CASE("a record names no people and no files of theirs", "[record]") {
  const auto text = recorded_host_document(record_of(machine()), {}).dump();
  for (const char* word : {"Jane", "/home/other", "thesis", "mine", "long story"})
    CHECK(text.find(word) == text.npos);
}

TEST_CASE("what may not be read stays that in the record", "[record]") {
  auto files = machine();
  files["/etc/apt/sources.list"] = text("");
  files["/etc/apt/sources.list"].unread = Error{"host.denied", "not for you", {}};
  const auto read = host_reader(reread(record_of(files)));
  CHECK(read->read_file("/etc/apt/sources.list").error().message == "not for you");
}

TEST_CASE("a record that is none says where", "[record]") {
  CHECK(read_recorded_host("{\n  \"format\": oops").error().message == "2:13: this is not JSON");
  CHECK(read_recorded_host(R"({"format": "other/1"})").error().message.find("found `other/1`") !=
        std::string::npos);
  CHECK(read_recorded_host(R"({"format": "mlenvctl.host/1", "files": {"/a": 7}})").error().message ==
        "`files`: `/a` is neither text nor what else a file can be");
}
