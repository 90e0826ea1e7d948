#include "kinds/shell_reading.hpp"

#include "base/text.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// `NAME = value`, `NAME < front` or `NAME > back`; `?` where only a shell could tell.
std::string told(const std::string& line) {
  const auto read = read_shell_line(line, {"/home/u", {{"CUDA_HOME", "/usr/local/cuda"}}});
  if (!read) return "?";
  const auto& [name, how, values] = read->assignment;
  const char* sign = how == Assignment::How::value ? " = " : how == Assignment::How::prepend ? " < " : " > ";
  return std::string(read->exported ? "export " : "") + name + sign + join(values, " ");
}

}  // namespace

TEST_CASE("a value is what a shell would make of it", "[kinds][shell_reading]") {
  CHECK(told("export ML_PATH=~/ml") == "export ML_PATH = /home/u/ml");
  CHECK(told("export ML_PATH=\"$HOME/ml\"  # mine") == "export ML_PATH = /home/u/ml");
  CHECK(told("export ML_PATH='$HOME/ml'") == "export ML_PATH = $HOME/ml");
  CHECK(told("export ML_PATH=\"~/ml\"") == "export ML_PATH = ~/ml");
  CHECK(told("export A=\"it's \\\"so\\\"\";") == "export A = it's \"so\"");
  CHECK(told("export A='it'\\''s'") == "export A = it's");
  CHECK(told("A=b") == "A = b");
  CHECK(told("export LIB=${CUDA_HOME}/lib64") == "export LIB = /usr/local/cuda/lib64");
}

TEST_CASE("folders before and behind what a list holds are told apart", "[kinds][shell_reading]") {
  for (const std::string old : {"$PATH", "${PATH}", "\"$PATH\""}) {
    CHECK(told("export PATH=/a:" + old) == "export PATH < /a");
    CHECK(told("export PATH=" + old + ":/a:~/b") == "export PATH > /a /home/u/b");
  }
  CHECK(told("export PATH=/usr/local/cuda-11.0/bin${PATH:+:${PATH}}") ==
        "export PATH < /usr/local/cuda-11.0/bin");
  CHECK(told("export PATH=\"${PATH:+$PATH:}/a\"") == "export PATH > /a");
  CHECK(told("PATH=$CUDA_HOME/bin:$PATH") == "PATH < /usr/local/cuda/bin");
  for (const auto how : {Assignment::How::prepend, Assignment::How::append}) {
    const Assignment written{"LD_LIBRARY_PATH", how, {"/it's/here"}};
    const auto read = read_shell_line(assignment_text(written, ShellSyntax::posix), {"/home/u"});
    REQUIRE(read);
    CHECK(read->assignment == written);
  }
}

TEST_CASE("what only a shell can work out is not guessed", "[kinds][shell_reading]") {
  for (const char* line : {"export A=$(nproc)",
                           "export A=`nproc`",
                           "export A=$OTHER/x",
                           "export A=${B:-c}",
                           "  export A=b",
                           "export A",
                           "export A=b B=c",
                           "export A=b; echo",
                           "export A='b",
                           "export A=\"b",
                           "if true; then A=b; fi",
                           "A=b echo",
                           "export A=b && true",
                           "export PATH=/a:$PATH:/b",
                           "export PATH=:$PATH",
                           "export PATH=$PATH",
                           "alias a=b",
                           "export A=*",
                           "# export A=b",
                           ""})
    CHECK(told(line) == "?");
}

TEST_CASE("a variable that is set above is known below", "[kinds][shell_reading]") {
  const auto lines = read_shell_lines(
      "# CUDA\nexport CUDA_HOME=/opt/cuda\n\nexport PATH=$CUDA_HOME/bin:$PATH\r\n", "/home/u");
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].number == 4);
  CHECK(lines[1].line.assignment == Assignment{"PATH", Assignment::How::prepend, {"/opt/cuda/bin"}});
}
