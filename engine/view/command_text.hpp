#pragma once

#include <string>
#include <vector>

namespace mlenv {

/// An option of a command, or one of its arguments, as help, manual and shells know it.
struct OptionText {
  std::vector<std::string> names;    ///< `-y`, `--yes`; of an argument nothing
  std::string value;                 ///< what it takes: FILE, NAME=VALUE; nothing for a flag
  std::vector<std::string> choices;  ///< where only these are taken
  std::string summary;
  bool repeated = false;
  bool required = false;
};

/// A command as it describes itself on the command line.
struct CommandText {
  std::string name;
  std::string summary;
  std::vector<OptionText> options;
  std::vector<OptionText> arguments;
};

}  // namespace mlenv
