#include "base/dotted_version.hpp"
#include "base/pep_version.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/open_host.hpp"
#include "cli/open_knowledge.hpp"
#include "cli/screen.hpp"
#include "kinds/host_question.hpp"
#include "knowledge/candidate.hpp"
#include "knowledge/resolve.hpp"
#include "view/plan_document.hpp"
#include "view/resolution_view.hpp"

namespace mlenv {
namespace {

void wrong(Diagnostics& diagnostics, const std::string& what, const std::string& hint) {
  diagnostics.error("resolve.argument", what, {}, hint);
}

/// `torch==1.7.1` -> torch and `==1.7.1`.
void read_framework(const std::string& text, const Knowledge& knowledge, Question& question,
                    Diagnostics& diagnostics) {
  if (text.empty()) return;
  const auto end = text.find_first_of("=<>!~ ");
  const auto name = text.substr(0, end);
  question.framework = canonical_framework(knowledge, name);
  if (question.framework.empty()) {
    const auto names = framework_names(knowledge);
    const auto near = nearest_word(name, names);
    wrong(diagnostics, "there is no framework `" + name + "` in the tables",
          near ? "did you mean `" + *near + "`?" : "there are: " + join(names, ", "));
  }
  if (end == std::string::npos) return;
  question.version = std::string(trim(std::string_view(text).substr(end)));
  if (!PepSpecifierSet::parse(question.version))
    wrong(diagnostics, "`" + question.version + "` is no version specifier",
          "as in `torch==1.7.1` or `torch>=2,<3`");
}

bool is_hex_id(const std::string& text) {
  return text.size() == 4 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

void read_gpu(const std::string& text, Question& question, Diagnostics& diagnostics) {
  if (text == "none") {
    question.no_gpu = true;
  } else if (to_lower(text).starts_with("10de:") && is_hex_id(text.substr(5))) {
    question.gpus.push_back({to_lower(text), {}, {}});
  } else if (is_hex_id(text)) {
    question.gpus.push_back({"10de:" + to_lower(text), {}, {}});
  } else if (const auto capability = ComputeCapability::parse(text)) {
    question.gpus.push_back({{}, capability->str(), {}});
  } else {
    wrong(diagnostics, "`--gpu " + text + "` is no card",
          "a PCI id such as 10de:2484, a compute capability such as 8.6, or none");
  }
}

/// `ubuntu-20.04` -> `ubuntu 20.04`.
void read_os(const std::string& text, Question& question, Diagnostics& diagnostics) {
  const auto dash = text.rfind('-');
  if (text == "wsl2") {
    question.os = text;
  } else if (dash == std::string::npos || dash == 0 || dash + 1 == text.size()) {
    wrong(diagnostics, "`--os " + text + "` is no operating system", "ID-VERSION, such as ubuntu-24.04");
  } else {
    question.os = to_lower(text.substr(0, dash)) + " " + text.substr(dash + 1);
  }
}

void read_version(const char* option, const std::string& text, Diagnostics& diagnostics) {
  const auto version = DottedVersion::parse(text);
  if (!version)
    wrong(diagnostics, std::string("`") + option + " " + text + "` is no version", "such as 12.6");
}

void read_arguments(const Arguments& arguments, const Knowledge& knowledge, Question& question,
                    Diagnostics& diagnostics) {
  read_framework(arguments.topic, knowledge, question, diagnostics);
  if (!arguments.cuda.empty()) {
    question.cuda = to_lower(arguments.cuda);
    if (!question.cuda->starts_with("cu") && question.cuda != "cpu")
      read_version("--cuda", arguments.cuda, diagnostics);
  }
  if (!arguments.cudnn.empty()) {
    read_version("--cudnn", arguments.cudnn, diagnostics);
    question.cudnn = arguments.cudnn;
  }
  if (!arguments.python.empty()) {
    read_version("--python", arguments.python, diagnostics);
    question.pythons = {arguments.python};
  }
  if (arguments.driver) {
    question.driver = *arguments.driver == "none" ? "" : *arguments.driver;
    if (!question.driver->empty()) read_version("--driver", *question.driver, diagnostics);
  }
  if (!arguments.gpus.empty()) {
    question.gpus.clear();
    question.no_gpu = false;
  }
  for (const auto& gpu : arguments.gpus) read_gpu(gpu, question, diagnostics);
  if (question.no_gpu && !question.gpus.empty())
    wrong(diagnostics, "`--gpu none` and a card exclude each other", "leave one of them out");
  if (!arguments.os.empty()) read_os(arguments.os, question, diagnostics);
  if (!arguments.arch.empty()) question.arch = arguments.arch;
}

}  // namespace

int resolve_command(const Arguments& arguments) {
  Diagnostics diagnostics;
  Question question;
  std::shared_ptr<const Knowledge> knowledge;
  if (arguments.this_host || !arguments.host_file.empty()) {
    auto host = open_host(arguments, diagnostics);
    if (host) {
      ask_driver(*host);
      knowledge = host->knowledge;
      question = host_question(host->facts, *knowledge);
    }
  } else {
    knowledge = open_knowledge(arguments, diagnostics);
  }
  if (knowledge) read_arguments(arguments, *knowledge, question, diagnostics);
  print_diagnostics(diagnostics, arguments);
  if (diagnostics.failed()) return exit_bad_input;
  const auto resolution = resolve(*knowledge, question);
  print(arguments.json ? dump(resolution_document(resolution))
                       : resolution_text(resolution, style_of(arguments, Stream::out)));
  return resolution.verdict == Verdict::ok ? exit_ok : exit_refused;
}

}  // namespace mlenv
