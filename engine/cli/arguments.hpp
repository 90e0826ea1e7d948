#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "recipe/pins.hpp"
#include "view/command_text.hpp"

namespace mlenv {

/// The command line, understood.
struct Arguments {
  std::string command;
  std::vector<std::string> recipes;  ///< as given; `-` is not special
  std::vector<std::string> sides;    ///< of compare
  std::string root = "/";
  std::string host_file;                ///< the record that takes the place of this host
  std::vector<std::string> host_files;  ///< plan: all records and folders with records
  std::string user;
  std::string knowledge;  ///< a folder with a lab's own tables
  std::map<std::string, std::string> variables;
  std::vector<std::string> targets;
  std::vector<std::string> trusted;  ///< users whose recipes count as one's own
  bool json = false;
  std::string color = "auto";
  bool verbose = false;
  bool quiet = false;
  std::string out;          ///< plan --out
  std::string html;         ///< the page to write
  bool markdown = false;    ///< plan and compare: for a pull request
  std::string root_script;  ///< plan --as-root-script
  bool detailed_exitcode = false;
  bool upgrade = false;
  bool strict = false;  ///< of validate: a warning refuses the recipe
  bool offline = false;
  bool allow_removals = false;
  std::string cache;        ///< a folder for downloads in place of mlenvctl's own
  bool fetch_only = false;  ///< apply --fetch-only
  bool yes = false;
  std::string plan_file;  ///< apply --plan
  unsigned parallel = 4;
  unsigned planners = 0;  ///< plan: hosts planned at the same time; 0: as many as there are processors
  unsigned wait = 600;    ///< seconds, for other programs of apt's
  bool resume = false;
  std::string reboot = "never";  ///< or `now`, when a new driver waits for it
  bool prune = false;            ///< plan and apply: remove what the recipe no longer declares
  bool destroy = false;          ///< plan: of what destroy would remove
  /// No option: what a saved plan has promised to install, `name==version` by the address that brings it.
  std::map<std::string, std::vector<std::string>> promised;
  bool locked = false;             ///< demand a lock that the recipe fits
  bool ignore_lock = false;        ///< choose as if there were none
  std::vector<std::string> names;  ///< of lock: what is to move; empty with `upgrade`: all
  std::optional<Pins> pins;        ///< no option: what `lock` itself plans with
  bool with_sudo = false;          ///< no option: apply may read through sudo what the caller may not
  std::string format = "dot";      ///< of graph
  std::string manual = "text";     ///< explain --format
  std::string export_format = "dockerfile";
  std::string base;  ///< of export: the image to begin with
  std::string cuda;  ///< of resolve, as these
  std::string cudnn;
  std::string python;
  std::optional<std::string> driver;
  std::vector<std::string> gpus;
  std::string os;
  std::string arch;
  bool this_host = false;
  bool managed = false;             ///< of facts
  bool force = false;               ///< adopt, init and export: write over a file that is there
  std::string framework = "torch";  ///< of init
  /// Of explain, KIND[.FIELD]; of show, the file; of history, the run; of completion, the shell.
  std::string topic;
};

/// Arguments, or what to print and with which code to end (help and version end with 0, mistakes with 5).
struct ParsedArguments {
  std::optional<Arguments> arguments;
  int exit_code = 0;
  std::string text;
};

/// Reads the command line (without the program's name).
ParsedArguments parse_arguments(std::vector<std::string> words);

/// All commands with their options, for the manual and for shells to complete.
std::vector<CommandText> described_commands();

}  // namespace mlenv
