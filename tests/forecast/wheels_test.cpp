#include "base/base64.hpp"
#include "forecast/bringers.hpp"
#include "forecast/missing_wheel.hpp"
#include "forecast/pip_report.hpp"
#include "forecast/wheel_archive.hpp"
#include "forecast/wheel_pool.hpp"
#include "support/catch.hpp"
#include "support/zip_archive.hpp"

using namespace mlenv;

namespace {

std::string entry(const std::string& name, std::uint64_t size) {
  return "PK\x01\x02" + std::string(20, '\0') + little_endian(size, 4) + little_endian(name.size(), 2) +
         std::string(16, '\0') + name;
}

/// An archive of `before` bytes of contents, a directory with these entries, and its end.
std::string archive(std::size_t before, const std::string& entries) {
  return std::string(before, 'x') + entries + "PK\x05\x06" + std::string(8, '\0') +
         little_endian(entries.size(), 4) + little_endian(before, 4) + std::string(2, '\0');
}

MissingWheel missing(const std::string& requirement, const std::vector<std::string>& files) {
  return explain_missing_wheel(*PepRequirement::parse(requirement), files, "3.11.2", "x86_64");
}

}  // namespace

TEST_CASE("the end of a wheel tells what it unpacks to", "[forecast][wheel]") {
  const auto text = archive(1000, entry("a/b.py", 500) + entry("a/c.so", 70000) + entry("a/", 0));
  const auto tail = std::string_view(text).substr(600);
  CHECK(directory_start(tail, text.size()) == 1000);
  CHECK(read_wheel_directory(tail, text.size()) == WheelContents{70500, 500, 2, 1});
}

TEST_CASE("a tail that begins inside the directory, and what is no archive, tell nothing",
          "[forecast][wheel]") {
  const auto text = archive(1000, entry("a.py", 500) + entry("b.py", 1));
  CHECK(read_wheel_directory(std::string_view(text).substr(1010), text.size()) == std::nullopt);
  CHECK(directory_start(std::string(400, 'x'), 400) == std::nullopt);
  CHECK(read_wheel_directory({}, 0) == std::nullopt);
}

TEST_CASE("an archive that points beyond its end is not believed", "[forecast][wheel]") {
  auto text = archive(10, entry("a.py", 500));
  text.replace(text.size() - 6, 4, little_endian(900000, 4));
  CHECK(directory_start(text, text.size()) == std::nullopt);
}

TEST_CASE("a wheel's metadata is read from the wheel, packed or not", "[forecast][wheel]") {
  // Written by Python's zipfile.
  const auto packed = *from_base64(
      "UEsDBBQAAAAIAAAAIQCIUT1/"
      "NAAAAEEBAAAWAAAAYS0xLmRpc3QtaW5mby9NRVRBREFUQfNNLUlMSSxJ1A1LLSrOzM+zUjDSM+TyS8xN"
      "tVJI5IILGnI55yQWF2emZaYWWSlUjPLgPABQSwECFAMUAAAACAAAACEAiFE9fzQAAABBAQAAFgAAAAAAAAAAAAAAgAEAAAAAYS0xLm"
      "Rp"
      "c3QtaW5mby9NRVRBREFUQVBLBQYAAAAAAQABAEQAAABoAAAAAAA=");
  const auto metadata = wheel_metadata(packed);
  REQUIRE(metadata);
  CHECK(metadata->starts_with("Metadata-Version: 2.1\nName: a\nVersion: 1\nClassifier: x\n"));
  CHECK(metadata->size() == 321);
  CHECK(wheel_metadata(zip_archive({{"a/b.py", ""}, {"a-1.dist-info/METADATA", "Name: a\n"}})) ==
        "Name: a\n");
}

TEST_CASE("metadata that is not there, not in its place or not whole is not read", "[forecast][wheel]") {
  CHECK(wheel_metadata(zip_archive({{"a/b.py", ""}})) == std::nullopt);
  CHECK(wheel_metadata(zip_archive({{"a/a-1.dist-info/METADATA", "x"}})) == std::nullopt);
  CHECK(wheel_metadata(zip_archive({{"a-1.dist-info/METADATA", "x"}, {"b-1.dist-info/METADATA", "x"}})) ==
        std::nullopt);
  const auto whole = zip_archive({{"a-1.dist-info/METADATA", "Name: a\n"}});
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(wheel_metadata(whole.substr(0, length)) == std::nullopt);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto broken = whole;
    broken[at] = static_cast<char>(0xFF);
    static_cast<void>(wheel_metadata(broken));  // says something or nothing, and reads no further than it may
  }
}

TEST_CASE("a wheel in a folder of the host is used where it lies", "[forecast][wheel]") {
  const Wheel wheel{"a", "1", "a-1-py3-none-any.whl", "file:///srv/my%20wheels/a-1-py3-none-any.whl", ""};
  CHECK_FALSE(is_remote(wheel));
  CHECK(wheel_folder({"/cache", Privilege::user}, wheel) == "/srv/my wheels");
}

TEST_CASE("pip's report gives names, versions, digests and decoded file names", "[forecast][pip]") {
  const auto report = parse_pip_report(R"({"version": "1", "install": [{"download_info":
    {"url": "https://x.example/whl/torch-1.7.1%2Bcu110-cp38-cp38-linux_x86_64.whl",
     "archive_info": {"hashes": {"sha256":
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}, "is_direct": false, "requested": true,
    "metadata": {"name": "Torch", "version": "1.7.1+cu110", "requires_dist": ["numpy", "typing-extensions>=4"],
      "provides_extra": ["opt"]}}]})");
  REQUIRE(report);
  REQUIRE(report->size() == 1);
  const auto& read = report->front();
  CHECK(read.wheel.name == "torch");
  CHECK(read.wheel.file == "torch-1.7.1+cu110-cp38-cp38-linux_x86_64.whl");
  CHECK(read.wheel.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(minimal_metadata(read) ==
        "Metadata-Version: 2.1\nName: torch\nVersion: 1.7.1+cu110\nRequires-Dist: numpy\n"
        "Requires-Dist: typing-extensions>=4\nProvides-Extra: opt\n");
}

TEST_CASE("what an index says is no path, no option and no line", "[forecast][pip]") {
  const auto with = [](const std::string& file, const std::string& name, const std::string& version) {
    return parse_pip_report(R"({"install": [{"download_info": {"url": "https://x.example/)" + file +
                            R"(", "archive_info": {"hashes": {"sha256": ""}}}, "metadata": {"name": ")" +
                            name + R"(", "version": ")" + version + R"("}}]})");
  };
  const auto sound = with("a-1-py3-none-any.whl", "a", "1");
  REQUIRE(sound);
  CHECK(sound->front().wheel.sha256.empty());
  for (const char* file :
       {"..%2F..%2Fa-1.whl", "-r-1-py3.whl", "--target=x.whl", ".whl", "a.tar.gz", "a%0Ab.whl", ""}) {
    CAPTURE(file);
    CHECK_FALSE(with(file, "a", "1"));
  }
  for (const char* name : {"../../x", "-e", "--index-url", "a/b", "", "a b", "a\\nb"}) {
    CAPTURE(name);
    CHECK_FALSE(with("a-1-py3-none-any.whl", name, "1"));
  }
  for (const char* version : {"../1", "1 --pre", "1\\n2", ""}) {
    CAPTURE(version);
    CHECK_FALSE(with("a-1-py3-none-any.whl", "a", version));
  }
}

TEST_CASE("what is no report is an error, never a crash", "[forecast][pip]") {
  for (const char* text : {"", "[]", "{}", R"({"install": 1})", R"({"install": [1, "x", {}]})",
                           R"({"install": [{"metadata": 3, "download_info": []}]})"}) {
    CAPTURE(text);
    const auto report = parse_pip_report(text);
    if (report) {
      for (const auto& each : *report) CHECK(each.wheel.name.empty());
    }
  }
}

TEST_CASE("an index page's files are found in HTML and JSON, of the one project", "[forecast][wheel]") {
  const std::string page =
      R"(<a href="../../f/torch-1.7.1%2Bcu110-cp38-cp38-linux_x86_64.whl#sha256=1">x</a>
         {"filename": "torch-1.6.0.tar.gz"} <a href="torchvision-0.8.2-cp38-cp38-linux_x86_64.whl">y</a>)";
  CHECK(offered_files(page, "torch") ==
        std::vector<std::string>{"torch-1.6.0.tar.gz", "torch-1.7.1+cu110-cp38-cp38-linux_x86_64.whl"});
}

TEST_CASE("a missing wheel is explained by what is offered", "[forecast][wheel]") {
  const std::vector<std::string> files = {"torch-1.7.1+cu110-cp36-cp36m-linux_x86_64.whl",
                                          "torch-1.7.1+cu110-cp38-cp38-linux_x86_64.whl",
                                          "torch-1.8.0-cp39-cp39-manylinux1_x86_64.whl"};
  const auto other_python = missing("torch==1.7.1+cu110", files);
  CHECK(other_python.error.code == "pip.no-wheel");
  CHECK(other_python.error.message ==
        "`torch==1.7.1+cu110` has no wheel for Python 3.11.2 on x86_64 with this C library: its wheels are "
        "for cp36, "
        "cp38 on linux_x86_64");
  CHECK_FALSE(other_python.buildable);
  const auto no_version = missing("torch==9.9", files);
  CHECK(no_version.error.code == "pip.no-match");
  CHECK(no_version.error.hint == "there are: 1.8.0, 1.7.1+cu110");
  CHECK(missing("oldie", {"oldie-1.0.tar.gz"}).buildable);
  CHECK(missing("nothing", {}).error.code == "pip.no-match");
}

TEST_CASE("each package is brought by the one that names it, else by whose dependencies lead there",
          "[forecast][bringers]") {
  Bringers bringers({{{"jq"}, {"libjq1"}},
                     {{"libjq1"}, {"libonig5", "jq"}},
                     {{"libonig5"}, {}},
                     {{"curl"}, {"libonig5", "virtual"}},
                     {{"provider", "virtual"}, {}},
                     {{"stray"}, {}}});
  bringers.claim(7, "curl");
  bringers.claim(3, "jq");
  bringers.spread();
  CHECK(bringers.owner(0) == 3);
  CHECK(bringers.owner(1) == 3);
  CHECK(bringers.owner(2) == 7);
  CHECK(bringers.owner(4) == 7);
  CHECK(bringers.owner(5) == std::nullopt);
}

TEST_CASE("a pooled call knows no other source and no other version", "[forecast][pip]") {
  PipInstall planned{"/v", {"torch>=1"}};
  planned.source.index_url = "https://x.example/simple";
  planned.keep = {"numpy==1.19", "torch<2"};
  planned.expected = {
      {"torch", "1.7.1", "torch-1.7.1.whl", "https://x.example/torch-1.7.1.whl", std::string(64, 'a')}};
  const auto call = pooled_call(planned, {"/cache", Privilege::user});
  CHECK(call.source.no_index);
  CHECK(call.source.index_url.empty());
  CHECK(call.source.find_links == std::vector<std::string>{"/cache/wheels/aa/" + std::string(30, 'a')});
  CHECK(call.keep == std::vector<std::string>{"torch==1.7.1", "numpy==1.19"});
  auto own_site = planned;
  own_site.prefix.clear();
  CHECK(pooled_call(own_site, {"/cache", Privilege::user}).requirements ==
        std::vector<std::string>{"torch==1.7.1"});
}

TEST_CASE("an index cannot choose where a wheel comes to lie, nor write lines of its own",
          "[forecast][pip]") {
  const auto report = [](const std::string& name, const std::string& version, const std::string& file,
                         const std::string& digest) {
    return parse_pip_report(R"({"install": [{"download_info": {"url": "https://x.example/)" + file +
                            R"(", "archive_info": {"hashes": {"sha256": ")" + digest +
                            R"("}}}, "metadata": {"name": ")" + name + R"(", "version": ")" + version +
                            R"("}}]})");
  };
  const std::string digest(64, 'a'), file = "x-1-py3-none-any.whl";
  CHECK(report("x", "1", file, digest));
  CHECK(report("x", "1", file, ""));
  CHECK_FALSE(report("x", "1", "..%2f..%2fetc%2fcron.d%2fx", digest));
  CHECK_FALSE(report("x", "1", "%2e%2e", digest));
  CHECK_FALSE(report("x", "1", file, "../../../../etc/cron.d/x"));
  CHECK_FALSE(report("x", "1", file, "ab"));
  CHECK_FALSE(report("x", "1\\n--index-url https://other.example", file, digest));
  CHECK_FALSE(report("x y", "1", file, digest));
}
