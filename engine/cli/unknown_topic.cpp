#include "cli/unknown_topic.hpp"

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/screen.hpp"

namespace mlenv {

int unknown_topic(const std::string& what, const std::string& word, const std::vector<std::string>& known,
                  const Arguments& arguments) {
  const auto near = nearest_word(word, known);
  print_error(
      {"explain.unknown", what, near ? "did you mean `" + *near + "`?" : "there are: " + join(known, ", ")},
      arguments);
  return exit_bad_input;
}

}  // namespace mlenv
