#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// As whom something is done: root, or the target user whose home, venvs and kernels a recipe describes.
enum class Privilege { user, root };

/// Variables by name. As part of a Command: added to what the process inherits.
using Environment = std::map<std::string, std::string>;

/// The folders in which programs of the system are.
inline constexpr const char* standard_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a program of the system (apt, dpkg, cp) runs with: it is looked for in the system's folders alone,
/// whatever the caller's PATH says.
Environment of_the_system(Environment more = {});

/// A program to run: an argument vector, never a shell line. Standard input is always /dev/null.
struct Command {
  std::vector<std::string> argv;
  Environment env = {};
  Privilege privilege = Privilege::user;
  std::chrono::seconds limit{0};  ///< killed after this time; zero means none
  bool vital = false;             ///< an interruption does not end it: apt and dpkg at their work
  bool operator==(const Command&) const = default;
};

/// How a program ended. Output is cut to its last megabyte, so a chatty child cannot fill the memory.
struct Output {
  int exit_code = 0;       ///< 128 + signal number when a signal ended it
  bool timed_out = false;  ///< its limit passed and it was killed
  std::string out;         ///< standard output
  std::string err;         ///< standard error
  bool ended = false;      ///< by an interruption
  bool operator==(const Output&) const = default;
};

/// Is given each line that a running program prints (standard output and error in the order they come).
using LineSink = std::function<void(std::string_view line)>;

}  // namespace mlenv
