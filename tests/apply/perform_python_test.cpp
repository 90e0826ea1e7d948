#include <algorithm>

#include "apply/python_tools.hpp"
#include "base/text.hpp"
#include "forecast/bundled_wheels.hpp"
#include "host/local_host.hpp"
#include "resource/python_site.hpp"
#include "support/catch.hpp"

namespace mlenv {
namespace {

constexpr const char* wheel_script = R"py(
import sys, zipfile
folder = sys.argv[1]
for version in ("1.0", "2.0"):
    with zipfile.ZipFile(f"{folder}/stone-{version}-py3-none-any.whl", "w") as wheel:
        info = f"stone-{version}.dist-info"
        wheel.writestr("stone.py", f"version = '{version}'\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: stone\nVersion: {version}\n\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", f"stone.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
with zipfile.ZipFile(f"{folder}/arch-1.0-py3-none-any.whl", "w") as wheel:
    info = "arch-1.0.dist-info"
    wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: arch\nVersion: 1.0\nRequires-Dist: stone>=2\n\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
)py";

/// This machine and a folder on it, thrown away at the end.
class Workplace {
 public:
  Workplace() : reader_(local_reader("/")), facts_(*probe_facts(*reader_, "")) {
    writer_ = local_writer({"/", facts_.user, ""});
    const auto made = writer_->run({{"mktemp", "-d", "/tmp/mlenvctl-python-XXXXXX"}}, {});
    REQUIRE(made);
    folder = made->out.substr(0, made->out.find('\n'));
    REQUIRE(folder.starts_with("/tmp/mlenvctl-python-"));
  }
  ~Workplace() { static_cast<void>(writer_->remove(folder, Depth::tree, Privilege::user)); }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  /// Not every machine's Python comes with what makes venvs.
  bool can_make_venvs() {
    if (facts_.pythons.empty()) return false;
    return writer_->run({{facts_.pythons.front().path, "-c", "import venv, ensurepip"}}, {})->exit_code == 0;
  }
  /// Some Pythons bring pip otherwise than by wheels of their own.
  bool can_unpack_pip() {
    if (!can_make_venvs()) return false;
    const auto real = resolve_links(*reader_, python().path);
    return real &&
           !bundled_wheels(*reader_, parent_path(parent_path(*real)), python_minor(python().version)).empty();
  }
  Outcome perform(const Step& step, Fetching* fetching = nullptr) {
    Stage stage{*writer_, *reader_, facts_, environment_, [](std::string_view) {}, fetching};
    return mlenv::perform(step, stage);
  }
  Output run(std::vector<std::string> argv) {
    auto output = writer_->run({std::move(argv)}, {});
    REQUIRE(output);
    return *output;
  }
  void write(const std::string& path, const std::string& text) {
    REQUIRE(writer_->make_directory(parent_path(path), std::nullopt, "", Privilege::user));
    REQUIRE(writer_->write_file({path, text, std::nullopt, "", Privilege::user}));
  }
  std::string read(const std::string& path) { return reader_->read_file(path)->value_or("(not there)"); }
  bool there(const std::string& path) { return exists(*reader_, path); }
  const Python& python() { return facts_.pythons.front(); }
  std::string wheels() {
    const auto path = folder + "/wheels";
    REQUIRE(writer_->make_directory(path, std::nullopt, "", Privilege::user));
    REQUIRE(run({python().path, "-c", wheel_script, path}).exit_code == 0);
    return path;
  }

  std::string folder;

 private:
  std::unique_ptr<HostReader> reader_;
  Facts facts_;
  std::unique_ptr<HostWriter> writer_;
  Environment environment_;
};

PipInstall install(const std::string& prefix, const std::string& wheels, const std::string& requirement) {
  PipInstall step{prefix, {requirement}};
  step.source = {"", {}, {wheels}, true, false};
  step.installer = "pip";
  return step;
}

TEST_CASE("a venv is made in its place, whole, and lives there", "[apply][python]") {
  Workplace here;
  if (!here.can_make_venvs()) return;
  const auto path = here.folder + "/with space/torch";
  const auto made = here.perform(MakeVenv{path, here.python().path, "", true, "", "pip"});
  REQUIRE(made.ok());
  CHECK_FALSE(here.there(path + ".mlenvctl-new"));
  CHECK(here.read(path + "/pyvenv.cfg").find("mlenvctl-new") == std::string::npos);
  CHECK(here.read(path + "/bin/activate").find("mlenvctl-new") == std::string::npos);
  CHECK(parse_marker(here.read(path + "/.mlenvctl.json")) == EnvironmentMarker{true, {}});
  const auto pip = here.run({path + "/bin/pip", "--version"});
  CHECK(pip.exit_code == 0);
  CHECK(pip.out.find(path + "/lib") != std::string::npos);
  const auto prefix = here.run({path + "/bin/python", "-c", "import sys; print(sys.prefix)"});
  CHECK(prefix.out == path + "\n");
}

/// The lines of a RECORD that do not depend on where the venv is, nor on what Python compiles.
std::vector<std::string> fixed_lines(const std::string& record) {
  std::vector<std::string> lines;
  for (const auto line : split_lines(record)) {
    const bool moves = line.starts_with("../../../bin/") || line.find(".pyc,") != std::string_view::npos;
    if (!moves) lines.emplace_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// How many names a file has.
std::string names_of(Workplace& here, const std::string& path) {
  return here.run({"stat", "-c", "%h", path}).out;
}

TEST_CASE("a user's venvs share what pip's wheels hold, and nothing that one of them changes",
          "[apply][python]") {
  Workplace here;
  if (!here.can_unpack_pip()) return;
  Fetching fetching;
  fetching.python.users.planning = {here.folder + "/cache", Privilege::user};
  const auto site = "/lib/python" + python_minor(here.python().version) + "/site-packages/";
  for (const char* name : {"/one", "/two"}) {
    REQUIRE(
        here.perform(MakeVenv{here.folder + name, here.python().path, "", false, "", "pip"}, &fetching).ok());
    CHECK(here.run({here.folder + name + "/bin/pip", "--version"}).out.find(here.folder + name) !=
          std::string::npos);
  }
  CHECK(names_of(here, here.folder + "/two" + site + "pip/__main__.py") == "3\n");
  const auto info = here.run({"sh", "-c", "basename " + here.folder + "/two" + site + "pip-*.dist-info"}).out;
  const auto record = site + std::string(trim(info)) + "/RECORD";
  CHECK(names_of(here, here.folder + "/two" + record) == "1\n");
  CHECK(fixed_lines(here.read(here.folder + "/one" + record)) ==
        fixed_lines(here.read(here.folder + "/two" + record)));
  REQUIRE(
      here.run({here.folder + "/one/bin/python", "-m", "pip", "uninstall", "-q", "-y", "pip"}).exit_code ==
      0);
  CHECK(here.run({here.folder + "/two/bin/pip", "--version"}).exit_code == 0);
}

TEST_CASE("what is kept unpacked and is not what it was is unpacked anew", "[apply][python]") {
  Workplace here;
  if (!here.can_unpack_pip()) return;
  Fetching fetching;
  fetching.python.users.planning = {here.folder + "/cache", Privilege::user};
  const auto pip = "/lib/python" + python_minor(here.python().version) + "/site-packages/pip/__main__.py";
  const auto make = [&](const std::string& name) {
    REQUIRE(
        here.perform(MakeVenv{here.folder + name, here.python().path, "", false, "", "pip"}, &fetching).ok());
  };
  make("/one");
  const auto whole = here.read(here.folder + "/one" + pip);
  // In its place, as an editor does: the kept file changes with it.
  REQUIRE(here.run({"sh", "-c", "echo broken > " + here.folder + "/one" + pip}).exit_code == 0);
  make("/two");
  CHECK(here.read(here.folder + "/two" + pip) == whole);
  CHECK(here.read(here.folder + "/one" + pip) == "broken\n");
}

TEST_CASE("where nothing can be kept unpacked, a venv is made without sharing", "[apply][python]") {
  Workplace here;
  if (!here.can_unpack_pip()) return;
  Fetching fetching;
  fetching.python.users.planning = {here.folder + "/cache", Privilege::user};
  const auto kept = here.folder + "/cache/pip/unpacked";
  const auto site = "/lib/python" + python_minor(here.python().version) + "/site-packages/";
  const auto made_alone = [&](const std::string& name) {
    REQUIRE(
        here.perform(MakeVenv{here.folder + name, here.python().path, "", false, "", "pip"}, &fetching).ok());
    CHECK(names_of(here, here.folder + name + site + "pip/__main__.py") == "1\n");
    CHECK(here.run({here.folder + name + "/bin/pip", "check"}).exit_code == 0);
  };
  here.write(kept + "/pip-by-somebody-else", "a file that cannot be removed as a folder is\n");
  made_alone("/one");
  REQUIRE(here.run({"sh", "-c", "rm -r \"$1\" && mkdir -p \"$1/.lock\"", "sh", kept}).exit_code == 0);
  made_alone("/two");
}

TEST_CASE("why a venv cannot be made is said in one line", "[apply][python]") {
  Workplace here;
  if (!here.can_unpack_pip()) return;
  const auto path = here.folder + "/" + std::string(250, 'v');  // what it is called meanwhile is longer
  const auto outcome = here.perform(MakeVenv{path, here.python().path, "", false, "", "pip"});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error->message.starts_with("`" + path + "` cannot be made: [Errno 36] File name too long"));
  CHECK(outcome.error->message.find('\n') == std::string::npos);
}

TEST_CASE("the pip of a venv is what Python's own bootstrap would have put there", "[apply][python]") {
  Workplace here;
  if (!here.can_make_venvs()) return;
  const auto own = here.folder + "/own", path = here.folder + "/venv";
  REQUIRE(here.run({here.python().path, "-m", "venv", own}).exit_code == 0);
  REQUIRE(here.perform(MakeVenv{path, here.python().path, "", false, "", "pip"}).ok());
  const auto site = "/lib/python" + python_minor(here.python().version) + "/site-packages/";
  const auto listed = here.run({"ls", own + site});
  CHECK(here.run({"ls", path + site}).out == listed.out);
  CHECK(here.run({"ls", path + "/bin"}).out == here.run({"ls", own + "/bin"}).out);
  for (const auto line : split_lines(listed.out)) {
    if (!line.ends_with(".dist-info")) continue;
    const auto info = site + std::string(line);
    CHECK(here.run({"ls", path + info}).out == here.run({"ls", own + info}).out);
    CHECK(fixed_lines(here.read(path + info + "/RECORD")) == fixed_lines(here.read(own + info + "/RECORD")));
  }
  // Which of the venv's names of its interpreter a script calls depends on how the bootstrap was called.
  const auto minor = "/bin/python" + python_minor(here.python().version) + "\n";
  CHECK(replace_all(here.read(path + "/bin/pip"), minor, "/bin/python3\n") ==
        replace_all(replace_all(here.read(own + "/bin/pip"), own, path), minor, "/bin/python3\n"));
  CHECK(here.run({path + "/bin/pip", "check"}).exit_code == 0);
  CHECK(here.run({path + "/bin/python", "-m", "pip", "uninstall", "-y", "pip"}).exit_code == 0);
  CHECK_FALSE(here.there(path + "/bin/pip"));
  CHECK_FALSE(here.there(path + site + "pip"));
}

TEST_CASE("only wheels that are all a Python brings stand in for its bootstrap", "[apply][python]") {
  Workplace here;
  const auto reader = local_reader("/");
  const auto base = here.folder + "/python";
  const auto put = [&](const std::string& minor, const std::string& file) {
    here.write(base + "/lib/python" + minor + "/ensurepip/" + file, "x");
  };
  const auto names = [&](const std::string& minor) {
    std::vector<std::string> found;
    for (const auto& wheel : bundled_wheels(*reader, base, minor))
      found.push_back(wheel.substr(wheel.rfind('/') + 1));
    return found;
  };
  using Names = std::vector<std::string>;
  put("3.11", "_bundled/pip-24.0-py3-none-any.whl");
  CHECK(names("3.11").empty());  // there is no bootstrap
  put("3.11", "__init__.py");
  CHECK(names("3.11").empty());  // it would bring setuptools too
  put("3.11", "_bundled/setuptools-65.5.0-py3-none-any.whl");
  CHECK(names("3.11") == Names{"pip-24.0-py3-none-any.whl", "setuptools-65.5.0-py3-none-any.whl"});
  put("3.11", "_bundled/pip-25.0-py3-none-any.whl");
  CHECK(names("3.11").empty());  // which one would it take?
  put("3.12", "__init__.py");
  put("3.12", "_bundled/pip-24.0-py3-none-any.whl");
  CHECK(names("3.12") == Names{"pip-24.0-py3-none-any.whl"});
  put("3.12", "_bundled/requests-2.0-py3-none-any.whl");
  CHECK(names("3.12").empty());  // a pip that is taken apart
}

TEST_CASE("packages are installed, found newest, put in place anew and removed", "[apply][python]") {
  Workplace here;
  if (!here.can_make_venvs()) return;
  const auto path = here.folder + "/venv";
  REQUIRE(here.perform(MakeVenv{path, here.python().path, "", false, "", "pip"}).ok());
  const auto wheels = here.wheels();
  const auto version = [&] {
    return here.run({path + "/bin/python", "-c", "import stone; print(stone.version)"}).out;
  };

  REQUIRE(here.perform(install(path, wheels, "stone<2")).ok());
  CHECK(version() == "1.0\n");
  auto arch = install(path, wheels, "arch");
  arch.keep = {"stone<2"};
  const auto conflict = here.perform(arch);
  REQUIRE(conflict.error);
  // pip before 21.1 calls a conflict a missing version, and forgets to say which ones there are.
  const auto pip =
      here.run({path + "/bin/python", "-c", "import pip; print(int(pip.__version__.split('.')[0]))"}).out;
  const bool tells = std::stoi(pip) >= 22;
  CHECK(conflict.error->code == (tells ? "pip.conflict" : "pip.no-match"));
  CHECK(version() == "1.0\n");
  arch.keep = {"stone>=2"};  // not so yet, so there is nothing to keep
  REQUIRE(here.perform(arch).ok());
  CHECK(version() == "2.0\n");
  REQUIRE(here.perform(install(path, wheels, "stone<2")).ok());

  auto newest = install(path, wheels, "stone");
  newest.upgrade = newest.requirements;
  REQUIRE(here.perform(newest).ok());
  CHECK(version() == "2.0\n");
  CHECK(parse_marker(here.read(path + "/.mlenvctl.json")) == EnvironmentMarker{true, {{"stone", "2.0"}}});
  CHECK_FALSE(here.there(path + "/.mlenvctl-tmp"));

  const auto module = path + "/lib/python" + python_minor(here.python().version) + "/site-packages/stone.py";
  here.write(module, "version = 'broken'\n");
  auto again = install(path, wheels, "stone==2.0");
  again.reinstall = true;
  REQUIRE(here.perform(again).ok());
  CHECK(here.read(module) == "version = '2.0'\n");

  const auto missing = here.perform(install(path, wheels, "stone==3.0"));
  REQUIRE(missing.error);
  CHECK(missing.error->code == "pip.no-match");
  if (tells) CHECK(missing.error->hint == "offered for this Python and machine: 1.0, 2.0");

  REQUIRE(here.perform(PipUninstall{path, {"stone"}, "pip"}).ok());
  CHECK_FALSE(here.there(module));
}

TEST_CASE("what is asked for is held to the digests that were planned, and what comes along is not asked for",
          "[apply][python]") {
  Workplace here;
  if (!here.can_make_venvs()) return;
  const auto path = here.folder + "/venv", wheels = here.wheels();
  REQUIRE(here.perform(MakeVenv{path, here.python().path, "", false, "", "pip"}).ok());
  const auto site = path + "/lib/python" + python_minor(here.python().version) + "/site-packages/";
  const auto planned = [&](const std::string& name, const std::string& version) {
    const auto file = name + "-" + version + "-py3-none-any.whl";
    return Wheel{name, version, file, "file://" + wheels + "/" + file,
                 sha256_hex(here.read(wheels + "/" + file))};
  };
  Fetching fetching;
  auto stone = install(path, wheels, "stone");
  stone.expected = {planned("stone", "1.0")};
  const auto right = std::exchange(stone.expected.front().sha256, std::string(64, 'a'));
  const auto refused = here.perform(stone, &fetching);
  REQUIRE(refused.error);
  CHECK(refused.error->code == "pip.hash-mismatch");
  CHECK_FALSE(here.there(site + "stone.py"));
  stone.expected.front().sha256 = right;
  REQUIRE(here.perform(stone, &fetching).ok());
  CHECK(here.read(site + "stone.py") == "version = '1.0'\n");
  CHECK(here.there(site + "stone-1.0.dist-info/REQUESTED"));

  auto arch = install(path, wheels, "arch");
  arch.expected = {planned("arch", "1.0"), planned("stone", "2.0")};
  REQUIRE(here.perform(arch, &fetching).ok());
  CHECK(here.there(site + "arch-1.0.dist-info/REQUESTED"));
  CHECK(here.read(site + "stone.py") == "version = '2.0'\n");
  CHECK_FALSE(here.there(site + "stone-2.0.dist-info/REQUESTED"));
  CHECK_FALSE(here.there(path + "/.mlenvctl-tmp"));
}

TEST_CASE("a venv is replaced only when the new one is whole", "[apply][python]") {
  Workplace here;
  if (!here.can_make_venvs()) return;
  const auto path = here.folder + "/venv";
  here.write(path + "/.mlenvctl.json", marker_text({true, {}}));
  here.write(path + "/old", "packages");
  const auto failed = here.perform(MakeVenv{path, here.python().path, "", false, "==0.0.0.1", "pip"});
  CHECK_FALSE(failed.ok());
  CHECK(here.there(path + "/old"));
  CHECK_FALSE(here.there(path + ".mlenvctl-new"));
  REQUIRE(here.perform(MakeVenv{path, here.python().path, "", false, "", "pip"}).ok());
  CHECK_FALSE(here.there(path + "/old"));
  CHECK_FALSE(here.there(path + ".mlenvctl-old"));
  CHECK(here.there(path + "/bin/python"));
}

TEST_CASE("a venv is never made over what mlenvctl did not make", "[apply][python]") {
  Workplace here;
  here.write(here.folder + "/venv/thesis.tex", "text");
  here.write(here.folder + "/file", "text");
  for (const auto* name : {"/venv", "/file"}) {
    const auto outcome = here.perform(MakeVenv{here.folder + name, "/usr/bin/python3", "", false, "", "pip"});
    CHECK_FALSE(outcome.ok());
  }
  CHECK(here.read(here.folder + "/venv/thesis.tex") == "text");
  CHECK(here.read(here.folder + "/file") == "text");
}

TEST_CASE("the old venv comes back when a run was killed between the two renames", "[apply][python]") {
  Workplace here;
  const auto path = here.folder + "/venv";
  here.write(path + ".mlenvctl-old/.mlenvctl.json", marker_text({true, {}}));
  here.write(path + ".mlenvctl-new/half", "made");
  const auto outcome = here.perform(MakeVenv{path, "python3", "==2.1.*", false, "", "pip"});
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "venv.no-python");
  CHECK(here.there(path + "/.mlenvctl.json"));
  CHECK_FALSE(here.there(path + ".mlenvctl-new"));
}

TEST_CASE("uv asked for by name and not there is an error with the way out", "[apply][python]") {
  Workplace here;
  if (here.run({"sh", "-c", "command -v uv || test -e ~/.local/bin/uv || test -e ~/.cargo/bin/uv"})
          .exit_code == 0)
    return;
  auto step = install(here.folder, here.folder, "stone");
  step.installer = "uv";
  const auto outcome = here.perform(step);
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "uv.not-found");
}

}  // namespace
}  // namespace mlenv
