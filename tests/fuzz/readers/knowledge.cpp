#include "knowledge/knowledge.hpp"

#include "fuzz/fuzz.hpp"
#include "knowledge/resolve.hpp"
#include "view/diagnostic_text.hpp"
#include "view/resolution_view.hpp"

namespace mlenv::fuzz {
namespace {

Question question(const std::string& framework, const std::string& version) {
  Question asked;
  asked.framework = framework;
  asked.version = version;
  asked.gpus = {{"10de:2484", ""}};
  asked.pythons = {"3.11"};
  asked.os = "ubuntu 22.04";
  return asked;
}

}  // namespace

/// A lab's own table over ours: its name in the first line, its text below.
void knowledge(std::string_view input) {
  const auto end = std::min(input.find('\n'), input.size());
  const std::string name(input.substr(0, end));
  const auto text = input.substr(std::min(end + 1, input.size()));
  Knowledge knowledge;
  Diagnostics diagnostics;
  knowledge.add_file(name, std::make_shared<const Source>(Source{name + ".yaml", std::string(text)}),
                     diagnostics);
  diagnostics_text(diagnostics, {false, false, 80});
  if (diagnostics.failed()) return;  // the commands go no further either
  for (const auto& shape : table_shapes()) {
    if (shape.name == name) knowledge.table(name);
  }
  knowledge.gpu("10de:2484");
  for (const auto& asked : {question("torch", "==1.7.1"), question("tensorflow", "")})
    resolution_text(resolve(knowledge, asked), {false, true, 80});
}

}  // namespace mlenv::fuzz
