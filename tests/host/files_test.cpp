#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "host/file_verbs.hpp"
#include "host/local_host.hpp"
#include "host/own_file.hpp"
#include "host/temporary_file.hpp"
#include "support/catch.hpp"

using namespace mlenv;
namespace fs = std::filesystem;

namespace {

/// A folder that goes when the test ends.
struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/mlenvctl-host-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(path + "/" + name).parent_path());
    std::ofstream(path + "/" + name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  unsigned mode(const std::string& name) const {
    struct stat found {};
    REQUIRE(::stat((path + "/" + name).c_str(), &found) == 0);
    return found.st_mode & 07777;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
  Walk walk() const { return {path, ::geteuid(), false, {}}; }
};

}  // namespace

TEST_CASE("a written file keeps its mode and leaves no temporary behind", "[host][files]") {
  const Folder here;
  here.write("a", "old");
  ::chmod((here.path + "/a").c_str(), 0600);
  REQUIRE(write_file_here(here.walk(), "/a", "new", {}, {}));
  CHECK(here.read("a") == "new");
  CHECK(here.mode("a") == 0600);
  REQUIRE(write_file_here(here.walk(), "/b", "fresh", {}, {}));
  CHECK(here.mode("b") == 0644);
  REQUIRE(write_file_here(here.walk(), "/b", "fresh", 0755U, {}));
  CHECK(here.mode("b") == 0755);
  CHECK(here.entries() == 2);
}

TEST_CASE("what a killed run had not put in place goes with the next write", "[host][files]") {
  const Folder here;
  here.write(".a.mlenvctl-0123abcd", "half a fi");
  here.write(".a.mlenvctl-0123abcde", "another name");
  here.write(".b.mlenvctl-0123abcd", "for another file");
  REQUIRE(write_file_here(here.walk(), "/a", "new", {}, {}));
  CHECK_FALSE(fs::exists(here.path + "/.a.mlenvctl-0123abcd"));
  CHECK(here.entries() == 3);
}

TEST_CASE("what somebody is at work on is not taken for a killed run's", "[host][files]") {
  const Folder here;
  const int folder = ::open(here.path.c_str(), O_RDONLY | O_DIRECTORY);
  {
    TemporaryFile first(folder, "a");
    REQUIRE(first.number() >= 0);
    REQUIRE(::write(first.number(), "first", 5) == 5);
    REQUIRE(write_file_here(here.walk(), "/a", "second", {}, {}));
    CHECK(here.entries() == 2);
    REQUIRE(first.put_in_place(false));
  }
  ::close(folder);
  CHECK(here.read("a") == "first");
  CHECK(here.entries() == 1);
}

TEST_CASE("a write that cannot be leaves the old file and nothing else", "[host][files]") {
  const Folder here;
  fs::create_directory(here.path + "/folder");
  CHECK_FALSE(write_file_here(here.walk(), "/folder", "x", {}, {}));
  CHECK(write_file_here(here.walk(), "/nowhere/a", "x", {}, {}).error().code == "host.not-found");
  CHECK(here.entries() == 1);
}

TEST_CASE("a link at the end is written where it points, inside the tree", "[host][files]") {
  const Folder here;
  here.write("dotfiles/bashrc", "old");
  fs::create_symlink("dotfiles/bashrc", here.path + "/relative");
  fs::create_symlink("/dotfiles/bashrc", here.path + "/absolute");
  fs::create_symlink("../../../../dotfiles/bashrc", here.path + "/climbing");
  for (const char* name : {"/relative", "/absolute", "/climbing"}) {
    REQUIRE(write_file_here(here.walk(), name, name, {}, {}));
    CHECK(here.read("dotfiles/bashrc") == name);
    CHECK(fs::is_symlink(here.path + name));
  }
}

TEST_CASE("a link that somebody else planted is not followed", "[host][files]") {
  if (::geteuid() != 0) return;  // only root can make a file for another
  const Folder here;
  here.write("secret", "old");
  fs::create_symlink("/secret", here.path + "/planted");
  REQUIRE(::lchown((here.path + "/planted").c_str(), 4711, 4711) == 0);
  CHECK(write_file_here({here.path, 0, false, {}}, "/planted", "x", {}, {}).error().code ==
        "host.planted-link");
  CHECK(here.read("secret") == "old");
  CHECK(write_file_here({here.path, 4711, false, {}}, "/planted", "x", {}, {}));
}

TEST_CASE("links that go round are refused", "[host][files]") {
  const Folder here;
  fs::create_symlink("b", here.path + "/a");
  fs::create_symlink("a", here.path + "/b");
  CHECK_FALSE(write_file_here(here.walk(), "/a", "x", {}, {}));
  CHECK_FALSE(*local_reader(here.path)->stat("/a", Links::follow));
}

TEST_CASE("folders are made with those above them", "[host][files]") {
  const Folder here;
  REQUIRE(make_directory_here(here.walk(), "/a/b/c", 0700U, {}));
  CHECK(here.mode("a/b") == 0755);
  CHECK(here.mode("a/b/c") == 0700);
  REQUIRE(make_directory_here(here.walk(), "/a/b/c", {}, {}));
  CHECK(here.mode("a/b/c") == 0700);
}

TEST_CASE("removing takes a file or an empty folder, and a tree only when told", "[host][files]") {
  const Folder here;
  here.write("tree/a/b", "x");
  here.write("file", "x");
  fs::create_symlink(here.path + "/file", here.path + "/tree/link");
  CHECK(remove_here(here.walk(), "/nothing", Depth::only));
  CHECK_FALSE(remove_here(here.walk(), "/tree", Depth::only));
  REQUIRE(remove_here(here.walk(), "/tree", Depth::tree));
  CHECK(here.read("file") == "x");
  REQUIRE(remove_here(here.walk(), "/file", Depth::only));
  CHECK(here.entries() == 0);
}

TEST_CASE("reading a tree never leaves it", "[host][reader]") {
  const Folder here;
  here.write("etc/passwd", "the tree's own");
  fs::create_symlink("/etc/passwd", here.path + "/absolute");
  fs::create_symlink("../../../../../../etc/passwd", here.path + "/climbing");
  const auto reader = local_reader(here.path);
  for (const char* name : {"/absolute", "/climbing", "/../../etc/passwd"}) {
    const auto text = reader->read_file(name);
    REQUIRE(text);
    CHECK(text->value_or("") == "the tree's own");
  }
  CHECK(*resolve_links(*reader, "/absolute") == "/etc/passwd");
}

TEST_CASE("what is not there is an answer, not an error", "[host][reader]") {
  const Folder here;
  here.write("file", "x");
  const auto reader = local_reader(here.path);
  for (const char* path : {"/none", "/none/below", "/file/below"}) {
    INFO(path);
    CHECK(reader->read_file(path).ok());
    CHECK_FALSE(reader->read_file(path)->has_value());
    CHECK_FALSE(reader->stat(path, Links::follow)->has_value());
    CHECK(reader->list(path)->empty());
  }
  CHECK_FALSE(reader->read_link("/file")->has_value());
}

TEST_CASE("entries of a folder are told of as each by itself: files, links within a tree, what is not there",
          "[host][reader]") {
  const Folder tree;
  tree.write("site/a.py", "12345");
  tree.write("other/b.py", "1234567");
  fs::create_directory(tree.path + "/site/sub");
  fs::create_symlink("/other/b.py", tree.path + "/site/link.py");  // within the tree
  fs::create_symlink("/nowhere", tree.path + "/site/dangling.py");
  const auto reader = local_reader(tree.path);
  const std::vector<std::string> names = {"a.py", "sub", "link.py", "dangling.py", "none.py"};
  const auto together = reader->stat_entries("/site", names);
  REQUIRE(together);
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    CHECK((*together)[i] == *reader->stat("/site/" + names[i], Links::follow));
  }
  CHECK((*together)[0]->size == 5);
  CHECK((*together)[2]->size == 7);
  CHECK_FALSE((*together)[3]);
  const auto none = reader->stat_entries("/no-folder", names);
  REQUIRE(none);
  CHECK(*none == std::vector<std::optional<FileStat>>(names.size()));
}

TEST_CASE("many looks as a user are judged as each by itself, and root is itself again in between and after",
          "[host][reader]") {
  if (::geteuid() != 0) return;
  const Folder tree;
  fs::permissions(tree.path, fs::perms(0755));
  tree.write("root/secret", "root's");  // the user may not look in here, and only root can have put it here
  fs::permissions(tree.path + "/root", fs::perms(0700));
  tree.write("etc/group", "root:x:0:\n");
  tree.write("home/link", "");
  fs::remove(tree.path + "/home/link");
  fs::create_symlink("/root/secret", tree.path + "/home/link");
  REQUIRE(::lchown((tree.path + "/home/link").c_str(), 12345, 12345) == 0);
  REQUIRE(::chown((tree.path + "/home").c_str(), 12345, 12345) == 0);
  const auto reader = local_reader_for(tree.path, User{"student", "/home", "/bin/sh", 12345, 12345});
  const auto alone = reader->read_file("/home/link");
  {
    const auto looking = reader->stay();
    const auto secret = reader->read_file("/root/secret");
    REQUIRE(secret);
    CHECK(*secret == "root's");
    const auto linked = reader->read_file("/home/link");
    CHECK_FALSE(linked);
    CHECK(linked.error().code == alone.error().code);
    const std::string refused = tree.path + "/root/made-by-the-user";
    CHECK(::open(refused.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600) == -1);
  }
  tree.write("root/made-by-root", "");
  CHECK(fs::exists(tree.path + "/root/made-by-root"));
}

TEST_CASE("a large file of root's is looked at in its place, one that others may write is copied",
          "[host][reader]") {
  const Folder tree;
  const std::string large(300'000, 'x');
  tree.write("status", large);
  const auto path = tree.path + "/status";
  fs::permissions(path, fs::perms(0644));
  const auto reader = local_reader(tree.path);
  const auto seen = reader->share_file("/status");
  REQUIRE(seen);
  CHECK(seen->view() == large);
  std::ofstream(path, std::ios::in | std::ios::out | std::ios::binary) << "y";
  if (::geteuid() == 0) CHECK(seen->view().front() == 'y');  // not copied
  fs::permissions(path, fs::perms(0666));
  const auto copied = reader->share_file("/status");
  REQUIRE(copied);
  std::ofstream(path, std::ios::in | std::ios::out | std::ios::binary) << "z";
  CHECK(copied->view().front() == 'y');
  fs::resize_file(path, 0);
  CHECK(copied->view().size() == large.size());
  CHECK_FALSE(bool(*reader->share_file("/none")));
  CHECK(bool(*reader->share_file("/status")));
}

TEST_CASE("dpkg's status of very many packages is read, another file of that size is not", "[host][reader]") {
  constexpr std::uintmax_t size = std::uintmax_t{65} * 1024 * 1024;
  const Folder tree;
  for (const std::string path : {"var/lib/dpkg/status", "etc/large"}) {
    tree.write(path, "");
    fs::resize_file(tree.path + "/" + path, size);
  }
  const auto reader = local_reader(tree.path);
  const auto status = reader->share_file("/var/lib/dpkg/status");
  REQUIRE(status);
  CHECK(status->view().size() == size);
  CHECK_FALSE(reader->share_file("/etc/large"));
}

TEST_CASE("a file that need not outlast a crash takes the other's place whole, and leaves nothing beside it",
          "[host][files]") {
  const Folder folder;
  for (const char* text : {"first", "second", "third"}) {
    REQUIRE(write_passing_file(folder.path + "/plan.json", text, 0600));
    CHECK(folder.read("plan.json") == text);
    CHECK(folder.mode("plan.json") == 0600);
    CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
  }
}
