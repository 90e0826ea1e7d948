#include "base/text.hpp"
#include "kinds/kind_bench.hpp"
#include "kinds/shell_syntax.hpp"
#include "resource/fenced_block.hpp"

using namespace mlenv;

TEST_CASE("a folder is made as the user at home, as root elsewhere", "[kinds][directory]") {
  KindBench bench;
  const auto home = bench.decide("  - directory: ~/ml\n    mode: 0700\n");
  CHECK(home.action == Action::create);
  CHECK(std::get<MakeDirectory>(home.steps[0]).privilege == Privilege::user);
  const auto elsewhere = bench.decide("  - directory: /opt/lab\n");
  CHECK(std::get<MakeDirectory>(elsewhere.steps[0]).privilege == Privilege::root);
}

TEST_CASE("a folder's mode and owner are changed only where they are declared", "[kinds][directory]") {
  KindBench bench;
  bench.folder("/opt/lab", 1000, 0777);
  CHECK(bench.decide("  - directory: /opt/lab\n").action == Action::none);
  const auto decision = bench.decide("  - directory: /opt/lab\n    mode: 0755\n    owner: root\n");
  CHECK(decision.differences ==
        std::vector<Difference>{{"mode", "0777", "0755"}, {"owner", "student", "root"}});
}

TEST_CASE("what stands in the way waits for a person", "[kinds][directory][file]") {
  KindBench bench;
  bench.file("/opt/file", "x");
  bench.folder("/opt/folder");
  bench.file("/opt/folder/inside", "x");
  CHECK(bench.decide("  - directory: /opt/file\n").action == Action::manual);
  CHECK(bench.decide("  - file: /opt/folder\n    content: x\n").action == Action::manual);
  CHECK(bench.decide("  - directory: /opt/folder\n    state: absent\n").action == Action::manual);
}

TEST_CASE("a file is as declared when its bytes are", "[kinds][file]") {
  KindBench bench;
  bench.file("/etc/lab.conf", "one\n");
  CHECK(bench.decide("  - file: /etc/lab.conf\n    content: |\n      one\n").action == Action::none);
  const auto decision = bench.decide("  - file: /etc/lab.conf\n    content: two\n");
  CHECK(decision.action == Action::update);
  CHECK(decision.differences[0].attribute == "content");
}

TEST_CASE("a file's change is shown as a diff", "[kinds][file]") {
  KindBench bench;
  bench.file("/etc/lab.conf", "one\ntwo\n");
  CHECK(bench.decide("  - file: /etc/lab.conf\n    content: \"one\\nthree\\n\"\n").diff ==
        "--- /etc/lab.conf (now)\n+++ /etc/lab.conf (planned)\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n");
  CHECK(bench.decide("  - file: /etc/new.conf\n    content: x\n").diff.find("\n+x\n") != std::string::npos);
  CHECK(bench.decide("  - file: /etc/lab.conf\n    state: absent\n").diff.find("\n-two\n") !=
        std::string::npos);
  CHECK(
      bench.decide("  - file: /etc/lab.conf\n    content: \"one\\ntwo\\n\"\n    mode: 0755\n").diff.empty());
}

TEST_CASE("what others may not read is not shown", "[kinds][file]") {
  KindBench bench;
  bench.file("/home/student/.netrc", "old secret\n", 1000, 0600);
  CHECK(bench.decide("  - file: ~/.netrc\n    content: new secret\n").diff == "(not shown: mode 0600)\n");
  CHECK(bench.decide("  - file: ~/.netrc\n    content: new secret\n    mode: 0644\n").diff ==
        "(not shown: mode 0600)\n");
  CHECK(bench.decide("  - file: ~/.token\n    content: new secret\n    mode: 0640\n").diff ==
        "(not shown: mode 0640)\n");
  CHECK(bench.decide("  - file: ~/.netrc\n    state: absent\n").diff == "(not shown: mode 0600)\n");
}

TEST_CASE("what came from the environment is not shown, whichever way it came", "[kinds][file]") {
  KindBench bench;
  bench.environment["LAB_TOKEN"] = "hunter22";
  bench.head = "vars:\n  token: ${env.LAB_TOKEN}\n  line: key = ${token}\n  plain: x\n";
  for (const std::string content : {"${env.LAB_TOKEN}", "${token}", "${line}"}) {
    const auto decision = bench.decide("  - file: /etc/lab.conf\n    content: \"" + content + "\"\n");
    CHECK(decision.diff == "(not shown: it holds values of the environment)\n");
  }
  CHECK(bench.decide("  - file: /etc/lab.conf\n    content: ${plain}\n").diff.find("+x\n") !=
        std::string::npos);
}

TEST_CASE("bytes that are no text have no diff", "[kinds][file]") {
  KindBench bench;
  for (const auto& bytes : {std::string("a\0b", 3), std::string("caf\xe9")}) {
    bench.file("/etc/lab.conf", bytes);
    const auto decision = bench.decide("  - file: /etc/lab.conf\n    content: x\n");
    CHECK(decision.diff.empty());
    CHECK(decision.differences[0].attribute == "content");
  }
  bench.file("/etc/lab.conf", std::string(257 * 1024, 'x'));
  CHECK(bench.decide("  - file: /etc/lab.conf\n    content: x\n").diff ==
        "(not shown: it is larger than 256 KiB)\n");
}

TEST_CASE("a variable is written for every shell of the user", "[kinds][env_var]") {
  KindBench bench;
  bench.file("/home/student/.bashrc", "", 1000);
  bench.file("/home/student/.zshrc", "", 1000);
  bench.folder("/home/student/.config/fish", 1000);
  const auto decision = bench.decide("  - env_var: ML_PATH\n    value: ~/ml\n");
  std::vector<std::string> paths;
  for (const auto& step : decision.steps) paths.push_back(std::get<EditBlock>(step).path);
  CHECK(paths == std::vector<std::string>{"/home/student/.bashrc", "/home/student/.profile",
                                          "/home/student/.zshenv",
                                          "/home/student/.config/fish/conf.d/mlenvctl.fish",
                                          "/home/student/.config/environment.d/60-mlenvctl.conf"});
  CHECK(std::get<EditBlock>(decision.steps[0]).set ==
        std::vector<BlockEntry>{{"ML_PATH", "export ML_PATH='/home/student/ml'",
                                 Assignment{"ML_PATH", Assignment::How::value, {"/home/student/ml"}}}});
}

TEST_CASE("a line of the user's own that says just this serves in its file", "[kinds][env_var]") {
  KindBench bench;
  const std::string value = "  - env_var: ML_PATH\n    value: ~/ml\n    files: [~/.bashrc]\n";
  bench.file("/home/student/.bashrc", "export ML_PATH=\"$HOME/ml\"\n");
  CHECK(bench.decide(value).action == Action::none);
  CHECK(bench.decide(value).findings.empty());
  // Elsewhere it is still to be written, and never twice in one file.
  const auto everywhere = bench.decide("  - env_var: ML_PATH\n    value: ~/ml\n");
  CHECK(everywhere.action == Action::create);
  for (const auto& each : everywhere.differences) CHECK(each.attribute != "/home/student/.bashrc");
  bench.file("/home/student/.bashrc", "export ML_PATH=~/ml\nexport ML_PATH=/other\n");
  CHECK(bench.decide(value).action == Action::create);
  bench.file("/home/student/.bashrc", "  export ML_PATH=~/ml\n");
  CHECK(bench.decide(value).action == Action::create);
  const std::string list = "  - env_var: PATH\n    prepend: /opt/cuda/bin\n    files: [~/.bashrc]\n";
  bench.file("/home/student/.bashrc", "export PATH=/opt/cuda/bin${PATH:+:${PATH}}\n");
  CHECK(bench.decide(list).action == Action::none);
  bench.file("/home/student/.bashrc", "export PATH=$PATH:/opt/cuda/bin\n");
  CHECK(bench.decide(list).action == Action::create);
}

TEST_CASE("the files that a variable is written into may be named", "[kinds][env_var]") {
  KindBench bench;
  const auto decision =
      bench.decide("  - env_var: A\n    value: b\n    files: [~/.bashrc, /etc/profile.d/lab.sh]\n");
  REQUIRE(decision.steps.size() == 2);
  CHECK(std::get<EditBlock>(decision.steps[0]).privilege == Privilege::user);
  CHECK(std::get<EditBlock>(decision.steps[1]).privilege == Privilege::root);
  bench.read("  - env_var: A\n    value: b\n    files: [~/.bashrc]\n    shells: [bash]\n");
  CHECK(bench.diagnostics.all().back().code == "env.files");
}

TEST_CASE("a damaged block waits for a person", "[kinds][env_var]") {
  KindBench bench;
  bench.file("/home/student/.bashrc", "# >>> mlenvctl env >>>\nexport A=1\n", 1000);
  CHECK(bench.decide("  - env_var: A\n    value: 1\n").action == Action::manual);
}

TEST_CASE("PATH is never assigned", "[kinds][env_var]") {
  KindBench bench;
  bench.read("  - env_var: PATH\n    value: ~/.local/bin\n");
  CHECK(bench.diagnostics.failed());
  CHECK(bench.diagnostics.all()[0].code == "lint.path-assigned");
}

TEST_CASE("a block goes into a file and out of it without a trace", "[resource][fenced_block]") {
  for (const std::string before : {"", "one\n", "no end", "crlf\r\nlines\r\n", "\n\n", "# >>> other >>>\n"}) {
    INFO(before);
    const auto in =
        edit_block(before, {"/x", "env", {{"A", "export A='1\n2'"}, {"B", "b"}}, {}, Privilege::user});
    REQUIRE(in);
    CHECK((*in)->starts_with(before));
    const auto again = edit_block(*in, {"/x", "env", {{"A", "export A='1\n2'"}}, {}, Privilege::user});
    CHECK(**again == **in);
    const auto found = find_block(**in, "env");
    REQUIRE(found);
    CHECK((*found)->entries == std::vector<BlockEntry>{{"A", "export A='1\n2'"}, {"B", "b"}});
    const auto out = edit_block(*in, {"/x", "env", {}, {"A", "B"}, Privilege::user});
    REQUIRE(out);
    REQUIRE(*out);
    CHECK(**out == before);
  }
}

TEST_CASE("a text that looks like the end of the block does not end it", "[kinds][block]") {
  const std::string value =
      "export A='x\r\n# <<< mlenvctl env <<<\ntouch /tmp/broken-out\n# >>> mlenvctl env >>>\n'";
  const EditBlock in{"/x", "env", {{"A", value}}, {}, Privilege::user};
  const auto made = edit_block(std::string("one\n"), in);
  REQUIRE(made);
  const auto block = find_block(**made, "env");
  REQUIRE(block);
  CHECK((*block)->entries == std::vector<BlockEntry>{{"A", value}});
  CHECK(*edit_block(*made, in) == *made);
  CHECK(**edit_block(*made, {"/x", "env", {{"A", "export A=2"}}, {}, Privilege::user}) ==
        **edit_block(std::string("one\n"), {"/x", "env", {{"A", "export A=2"}}, {}, Privilege::user}));
  CHECK(**edit_block(*made, {"/x", "env", {}, {"A"}, Privilege::user}) == "one\n");
  // Nor where somebody has changed what stands in it; what may be two blocks is left to a person.
  CHECK_FALSE(
      edit_block(replace_all(**made, "#: A ", "# A "), {"/x", "env", {{"B", "b"}}, {}, Privilege::user}));
  const auto torn = replace_all(replace_all(**made, "#: A ", "# A "), "\n# >>> mlenvctl env >>>\n'", "\n'");
  CHECK(**edit_block(torn, {"/x", "env", {{"B", "b"}}, {}, Privilege::user}) ==
        **edit_block(std::string("one\n"), {"/x", "env", {{"B", "b"}}, {}, Privilege::user}));
}

TEST_CASE("a file that was made for a block goes with it, unless somebody wrote into it",
          "[resource][fenced_block]") {
  const EditBlock in{"/x", "env", {{"A", "a"}}, {}, Privilege::user},
      out{"/x", "env", {}, {"A"}, Privilege::user};
  const auto made = edit_block(std::nullopt, in);
  REQUIRE(made);
  CHECK_FALSE(*edit_block(*made, out));
  CHECK(**edit_block(**made + "mine\n", out) == "mine\n");
}

TEST_CASE("text behind a block stays behind it", "[resource][fenced_block]") {
  const auto with =
      **edit_block(std::string("one\n"), {"/x", "env", {{"A", "a"}}, {}, Privilege::user}) + "two\n";
  const auto changed = edit_block(with, {"/x", "env", {{"A", "b"}}, {}, Privilege::user});
  CHECK((*changed)->starts_with("one\n# >>>"));
  CHECK((*changed)->ends_with("<<<\ntwo\n"));
  CHECK(**edit_block(**changed, {"/x", "env", {}, {"A"}, Privilege::user}) == "one\ntwo\n");
}

TEST_CASE("an entry may hold the lines that begin and end a block", "[resource][fenced_block]") {
  const std::string text = "# <<< mlenvctl env <<<\n# >>> mlenvctl env >>>\nrm -rf x";
  const auto in =
      **edit_block(std::string("one\n"), {"/x", "env", {{"A", text}}, {}, Privilege::user}) + "two\n";
  const auto found = find_block(in, "env");
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->entries == std::vector<BlockEntry>{{"A", text}});
  CHECK(**edit_block(in, {"/x", "env", {}, {"A"}, Privilege::user}) == "one\ntwo\n");
}

TEST_CASE("an editor's line ends within a block are seen, since a shell sees them",
          "[resource][fenced_block]") {
  const auto in = **edit_block(std::nullopt, {"/x", "env", {{"A", "export A='1'"}}, {}, Privilege::user});
  const auto found = find_block(replace_all(in, "\n", "\r\n"), "env");
  REQUIRE(found);
  CHECK((*found)->entries == std::vector<BlockEntry>{{"A", "export A='1'\r"}});
}
